// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/message_text.h"

#include "ui/theme/fonts.h"

#include <QApplication>
#include <QClipboard>
#include <QTest>

using namespace headwater;

class TestMessageText : public QObject {
    Q_OBJECT

private slots:
    void quotations_keepTheOrder_andCopiesAreClean()
    {
        const QString sentence = QString::fromUtf8("שלום.hwt: 3 bytes too many");
        MessageText words(sentence);
        words.setFont(wordsFont(13));
        words.resize(400, 40);
        words.show();
        QVERIFY(QTest::qWaitForWindowExposed(&words));
        const auto placeOf = [&words](QChar character) {
            QTextCursor cursor(words.document());
            cursor.setPosition(static_cast<int>(words.toPlainText().indexOf(character)));
            return words.cursorRect(cursor).x();
        };
        QVERIFY2(placeOf(QLatin1Char('3')) > placeOf(QLatin1Char('h')),
                 "the name's ending stands behind the number");
        QVERIFY(placeOf(QLatin1Char('b')) > placeOf(QLatin1Char('3')));
        QVERIFY(placeOf(QLatin1Char('h')) > placeOf(QChar(0x5dd))); // of the word's last letter
        QCOMPARE(words.text(), sentence);
        words.selectAll();
        words.copy();
        QCOMPARE(QApplication::clipboard()->text(), sentence);
    }
};

QTEST_MAIN(TestMessageText)
#include "tst_message_text.moc"
