// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/explore/prediction_loader.h"

#include "core/trace/attacker.h"

#include <QTemporaryDir>
#include <QTest>

using namespace headwater;

class TestPredictionLoader : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    std::filesystem::path write(const char* name, bool withPredictions) const
    {
        made::Shape shape;
        shape.predictions = withPredictions;
        const std::filesystem::path path = m_folder.filePath(name).toStdString();
        return made::write(path, shape).has_value() ? path : std::filesystem::path();
    }

private slots:
    void theTraceThatIsOpenHasItsOwn()
    {
        Subject subject;
        TextLook textLook;
        PredictionLoader loader(subject, textLook);
        bool hasFailed = false;
        connect(&loader, &PredictionLoader::failed, this, [&hasFailed] { hasFailed = true; });
        subject.setTrace(*Trace::open(write("with.hwt", true)));
        QVERIFY(!loader.findChild<BackgroundJob*>()->isRunning()); // nothing shows them
        subject.setLocked({5, std::nullopt});
        QVERIFY(!subject.predictions()); // nothing waits for them
        QTRY_VERIFY(subject.predictions());
        QCOMPARE(subject.predictions()->rows.size(), std::size_t{600});
        subject.setTrace(*Trace::open(write("without.hwt", false)));
        QVERIFY(!subject.predictions());
        // An answer about a trace that is gone is dropped.
        textLook.setShade(TextShade::Loss);
        subject.setTrace(*Trace::open(write("with.hwt", true)));
        QVERIFY(loader.findChild<BackgroundJob*>()->isRunning());
        subject.setTrace(nullptr);
        QTRY_VERIFY(!loader.findChild<BackgroundJob*>()->isRunning());
        QCoreApplication::processEvents();
        QVERIFY(!subject.predictions());
        QVERIFY(!hasFailed);
    }

    void damageIsSaid()
    {
        const std::filesystem::path path = write("damaged.hwt", true);
        {
            hostile::Attacker attacker(path);
            attacker.changeArray<float>("logprob", [](std::vector<float>& values) { values[50] = 1; });
        }
        Subject subject;
        TextLook textLook;
        PredictionLoader loader(subject, textLook);
        std::string said;
        connect(&loader, &PredictionLoader::failed, this,
                [&said](const Error& error) { said = error.text(); });
        subject.setTrace(*Trace::open(path));
        subject.setLocked({5, std::nullopt});
        QTRY_VERIFY(!said.empty());
        QVERIFY2(said.find("array 'logprob', row 50") != std::string::npos, said.c_str());
        QVERIFY(!subject.predictions());
        QVERIFY(subject.predictionsFailure());
        QCOMPARE(subject.predictionsFailure()->text(), said);
        subject.setTrace(*Trace::open(write("whole.hwt", true)));
        QVERIFY(!subject.predictionsFailure()); // that was another trace's
    }
};

QTEST_MAIN(TestPredictionLoader)
#include "tst_prediction_loader.moc"
