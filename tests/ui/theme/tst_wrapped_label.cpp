// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/elided_label.h"
#include "ui/theme/wrapped_label.h"

#include <QTest>
#include <initializer_list>

using namespace headwater;

class TestWrappedLabel : public QObject {
    Q_OBJECT

private slots:
    void anyText_asksForNoMoreRoomThanAWord_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("nothing") << QString();
        QTest::newRow("a word") << QString("word");
        QTest::newRow("prose") << QString("words of a sentence ").repeated(100);
        QTest::newRow("one word") << QString(5000, 'W');
        QTest::newRow("a path") << '/' + QString("folder").repeated(60) + "/file.hwt: there is no such file";
        QTest::newRow("no-break spaces") << QString("no").append(QChar(0x00a0)).repeated(500);
        QTest::newRow("lines") << QString("a line\n").repeated(50);
        QTest::newRow("beyond 16 bits") << QString("𐐀").repeated(900);
        QTest::newRow("right to left") << QString(900, QChar(0x05e9));
    }

    void anyText_asksForNoMoreRoomThanAWord()
    {
        QFETCH(QString, text);
        WrappedLabel label;
        label.setLines(1, 3);
        const QSize least = label.minimumSizeHint();
        label.setText(text);
        QCOMPARE(label.minimumSizeHint(), least);
        for (const int width : {40, 200, 900}) {
            label.resize(width, label.heightForWidth(width));
            QVERIFY(label.height() >= least.height());
            QVERIFY(label.height() <= 3 * label.fontMetrics().lineSpacing());
            QString shown = label.shownText();
            shown.replace(QChar(QChar::LineSeparator), '\n');
            if (shown == text)
                continue;
            // Its beginning and its end, and no half of a character.
            const QStringList ends = shown.split(QChar(0x2026));
            QCOMPARE(ends.size(), 2);
            QVERIFY(text.startsWith(ends.at(0)) && text.endsWith(ends.at(1)));
            QVERIFY(ends.at(0).size() + ends.at(1).size() < text.size());
            QVERIFY(shown.isValidUtf16());
            if (width == 900 && !text.contains('\n'))
                QVERIFY2(ends.at(0).size() > 20 && ends.at(1).size() > 20, qPrintable(shown));
        }
        ElidedLabel line;
        line.setText(text);
        QCOMPARE(line.minimumSizeHint().width(), 0);
    }

    void lines_thatAreKept_areAHeightOfTheirOwn()
    {
        WrappedLabel label;
        label.setLines(2, 2);
        const int height = label.heightForWidth(300);
        for (const char* text :
             {"", "a", "a few words", "a word and another and so on, for as long as it goes, and on"}) {
            label.setText(text);
            QCOMPARE(label.heightForWidth(300), height);
            QCOMPARE(label.heightForWidth(60), height);
        }
    }

    void partThatGivesWay_isTheFirstToGo()
    {
        const QString before = "predicts “x” after ";
        const QString context = "…" + QString("long ago and far away ").repeated(10);
        WrappedLabel label;
        label.setLines(2, 2);
        label.setText(before + context + "word");
        label.setGivingWay(static_cast<int>(before.size()), static_cast<int>(context.size()));
        label.resize(280, label.heightForWidth(280));
        const QString shown = label.shownText();
        QVERIFY2(shown.startsWith(before + "…") && shown.endsWith("far away word"), qPrintable(shown));
        QVERIFY(shown.size() < label.text().size());
    }
};

QTEST_MAIN(TestWrappedLabel)
#include "tst_wrapped_label.moc"
