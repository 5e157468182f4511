// SPDX-License-Identifier: Apache-2.0
// SmolLM2 answers the sample needle prompts densely and over its masks (resources/samples/README.md has the
// answers).
#include "core/backend/cpu/cpu_backend.h"
#include "core/base/mapped_file.h"
#include "core/engine/analysis_run.h"
#include "support/fetched_model.h"
#include "support/reference_data.h"

#include <QRegularExpression>
#include <QTest>

using namespace headwater;

#ifndef HEADWATER_SAMPLES
#error "the samples of this program, comma separated"
#endif

class TstBehaviour : public QObject {
    Q_OBJECT

private:
    LoadedModel m_loaded;

private slots:
    void initTestCase()
    {
        HEADWATER_SKIP_WITHOUT("smollm2-135m");
        const auto loaded = loadModelAndTokenizer("smollm2-135m");
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        m_loaded = *loaded;
    }

    void answer_survives_data()
    {
        QTest::addColumn<QString>("sample");
        QTest::addColumn<int>("selection");
        for (const QString& sample : QStringLiteral(HEADWATER_SAMPLES).split(',')) {
            QTest::addRow("%s exact propagated", qPrintable(sample)) << sample << int(Selection::Exact);
            QTest::addRow("%s tree", qPrintable(sample)) << sample << int(Selection::Tree);
        }
    }

    void answer_survives()
    {
        QFETCH(QString, sample);
        QFETCH(int, selection);
        const auto text =
            readFile(test::sourcePath("resources/samples/" + sample.toStdString() + ".txt"), 1 << 24);
        QVERIFY(text);
        // "The access number of the … is 1813": the one number the needle sentence names.
        const auto match =
            QRegularExpression("access number of the [a-z ]+ is (\\d+)").match(QString::fromStdString(*text));
        QVERIFY(match.hasMatch());
        RunOptions options;
        options.prompt = *text;
        options.select.selection = static_cast<Selection>(selection);
        options.select.propagation = Propagation::Propagated;
        const auto backend = makeCpuBackend(0);
        options.generate = 16;
        const auto masked = runAnalysis(*backend, m_loaded, options, {}, {});
        QVERIFY2(masked, masked ? "" : masked.error().text().c_str());
        QVERIFY2(masked->generatedText.find(match.captured(1).toStdString()) != std::string::npos,
                 masked->generatedText.c_str());
        if (selection == int(Selection::Exact)) {
            options.select.propagation = Propagation::Observed; // the dense model's own answer
            const auto dense = runAnalysis(*backend, m_loaded, options, {}, {});
            QVERIFY(dense);
            QVERIFY2(dense->generatedText.find(match.captured(1).toStdString()) != std::string::npos,
                     dense->generatedText.c_str());
        }
    }
};

QTEST_APPLESS_MAIN(TstBehaviour)
#include "tst_behaviour.moc"
