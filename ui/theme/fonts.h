// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFont>
#include <QString>
#include <string_view>

class QFontMetricsF;
class QPainter;
class QPointF;
class QRectF;

namespace headwater {

/// Makes the bundled faces known to Qt, once; later calls do nothing. Needs a QGuiApplication.
/// They are Inter and JetBrains Mono without ligatures and contextual alternates (packaging/plain_faces.py):
/// in every font here a token looks like itself, one glyph a character where its script knows no other way.
void loadBundledFonts();

/// Headwater Sans (Inter), for words. Units: device-independent pixels.
QFont wordsFont(int px, QFont::Weight weight = QFont::Normal);

/// Headwater Mono (JetBrains Mono), for tokens, paths and typed numbers. All its figures have one width.
QFont tokensFont(int px);

/// 11 px, wide-set, for dock titles and section heads. Write the text in capitals: `toUpper()`.
QFont titleFont();

/// Draws `text` with every figure as wide as the widest, so that columns of numbers stand still (Inter's
/// figures are proportional, and Qt 6.4 cannot ask a font for its tabular ones). Uses the painter's font and
/// pen.
void drawTabular(QPainter& painter, const QRectF& rect, Qt::Alignment alignment, const QString& text);

/// The width `drawTabular` takes.
double tabularWidth(const QFontMetricsF& metrics, const QString& text);

/// "7 941": thin spaces between thousands.
QString thousandsOf(qulonglong value);

/// At most `maxLength` characters, then "…": a letter keeps its marks, and both halves of its code.
QString shortened(const QString& text, int maxLength);

/// A token as one short line: control characters (bidirectional ones too), newlines and invalid bytes made
/// visible (newline ⏎, tab ⇥), spaces at the ends kept as a thin mark only where a token is nothing but
/// spaces (␣). At most `maxLength` characters, then "…".
QString tokenLabel(std::string_view bytes, int maxLength = 24);

/// Bytes of a text as prose on one line: invalid UTF-8 becomes U+FFFD, runs of white space one space.
QString proseOf(std::string_view bytes);

} // namespace headwater
