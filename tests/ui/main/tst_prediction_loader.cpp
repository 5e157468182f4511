// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/prediction_loader.h"

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
        ViewState state;
        PredictionLoader loader(state);
        bool hasFailed = false;
        connect(&loader, &PredictionLoader::failed, this, [&hasFailed] { hasFailed = true; });
        state.setTrace(*Trace::open(write("with.hwt", true)));
        QVERIFY(!loader.findChild<BackgroundJob*>()->isRunning()); // nothing shows them
        state.setLocked({5, std::nullopt});
        QVERIFY(!state.predictions()); // nothing waits for them
        QTRY_VERIFY(state.predictions());
        QCOMPARE(state.predictions()->rows.size(), std::size_t{600});
        state.setTrace(*Trace::open(write("without.hwt", false)));
        QVERIFY(!state.predictions());
        // An answer about a trace that is gone is dropped.
        state.setTextShade(TextShade::Loss);
        state.setTrace(*Trace::open(write("with.hwt", true)));
        QVERIFY(loader.findChild<BackgroundJob*>()->isRunning());
        state.setTrace(nullptr);
        QTRY_VERIFY(!loader.findChild<BackgroundJob*>()->isRunning());
        QCoreApplication::processEvents();
        QVERIFY(!state.predictions());
        QVERIFY(!hasFailed);
    }

    void damageIsSaid()
    {
        const std::filesystem::path path = write("damaged.hwt", true);
        {
            hostile::Attacker attacker(path);
            attacker.changeArray<float>("logprob", [](std::vector<float>& values) { values[50] = 1; });
        }
        ViewState state;
        PredictionLoader loader(state);
        std::string said;
        connect(&loader, &PredictionLoader::failed, this,
                [&said](const Error& error) { said = error.text(); });
        state.setTrace(*Trace::open(path));
        state.setLocked({5, std::nullopt});
        QTRY_VERIFY(!said.empty());
        QVERIFY2(said.find("array 'logprob', row 50") != std::string::npos, said.c_str());
        QVERIFY(!state.predictions());
        QVERIFY(state.predictionsFailure());
        QCOMPARE(state.predictionsFailure()->text(), said);
        state.setTrace(*Trace::open(write("whole.hwt", true)));
        QVERIFY(!state.predictionsFailure()); // that was another trace's
    }
};

QTEST_MAIN(TestPredictionLoader)
#include "tst_prediction_loader.moc"
