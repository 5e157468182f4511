// SPDX-License-Identifier: GPL-3.0-or-later
// The program itself, as a script calls it.
#include "support/patience.h"

#include <QImage>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

class TestExplorerProgram : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    /// What it writes to stderr; its exit code in `code`.
    QString errorsOf(const QStringList& arguments, int& code)
    {
        QProcess program;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const char* name : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"})
            environment.insert(name, m_folder.path());
        environment.insert("QT_QPA_PLATFORM", "offscreen");
        program.setProcessEnvironment(environment);
        program.start(EXPLORER_PROGRAM, arguments);
        code = program.waitForFinished(headwater::test::kPatienceMs) ? program.exitCode() : -1;
        return QString::fromUtf8(program.readAllStandardError());
    }

private slots:
    void size_thatCannotBeHad_isSaid_data()
    {
        QTest::addColumn<QString>("size");
        QTest::addColumn<bool>("isHad");
        QTest::newRow("a desk") << "1600x1000" << true;
        QTest::newRow("a laptop") << "1280x720" << true;
        QTest::newRow("a projector") << "1024x768" << true;
        QTest::newRow("a netbook") << "1024x600" << true;
        QTest::newRow("a little more than the least") << "1010x580" << true;
        QTest::newRow("a narrow half of a screen") << "960x1000" << false;
        QTest::newRow("a telephone") << "360x640" << false;
        QTest::newRow("a slit") << "1600x120" << false;
    }

    void size_thatCannotBeHad_isSaid()
    {
        QFETCH(QString, size);
        QFETCH(bool, isHad);
        const QString sample = QStringLiteral(HEADWATER_SOURCE_DIR "/resources/samples/story.hwt");
        const QString picture = m_folder.filePath("picture.png");
        int code = 0;
        const QString errors = errorsOf({sample, "--size", size, "--screenshot", picture, "--exit"}, code);
        QVERIFY2(code == 0, qPrintable(errors)); // a smaller window than asked for is no failure
        const QImage image(picture);
        const QString got = QString("%1x%2").arg(image.width()).arg(image.height());
        QCOMPARE(got == size, isHad);
        QVERIFY2(errors.contains("--size " + size) == !isHad, qPrintable(errors));
        if (isHad)
            return;
        // What it has got instead, which is the least that is named and no more.
        static const QRegularExpression named("need at least (\\d+)x(\\d+)");
        const QRegularExpressionMatch least = named.match(errors);
        QVERIFY2(least.hasMatch() && errors.contains(got), qPrintable(errors));
        const QStringList wanted = size.split('x');
        QCOMPARE(image.width(), std::max(wanted.at(0).toInt(), least.captured(1).toInt()));
        QCOMPARE(image.height(), std::max(wanted.at(1).toInt(), least.captured(2).toInt()));
    }

    void size_beyondAnyScreen_isRefused()
    {
        int code = 0;
        const QString errors = errorsOf({"--size", "99999x99999", "--exit"}, code);
        QCOMPARE(code, 64);
        QVERIFY2(errors.contains("--size 99999x99999"), qPrintable(errors));
    }
};

QTEST_MAIN(TestExplorerProgram)
#include "tst_explorer_program.moc"
