// SPDX-License-Identifier: Apache-2.0
// Ids of 11 000 lines against llama.cpp's own tokenizer (python/reference/make_family_ids.py), for
// vocabularies that are too large, or not ours, to be kept here: HEADWATER_VOCABULARIES names the folder that
// holds the files.
#include "core/base/mapped_file.h"
#include "core/model/gguf_reader.h"
#include "core/model/gguf_tokenizer.h"
#include "tests/core/tokenizer/reference_lines.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::test;

class TestFamilyTokenizers : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    /// The file, or a sparse copy of `bytes` where it was cut within its tensors.
    QString wholeFile(const QString& name, qint64 bytes)
    {
        const QString path = qEnvironmentVariable("HEADWATER_VOCABULARIES") + '/' + name;
        if (!QFile::exists(path) || QFile(path).size() >= bytes)
            return path;
        const QString padded = m_folder.filePath(name);
        if (!QFile::copy(path, padded) || !QFile::resize(padded, bytes))
            qFatal("%s cannot be written", qPrintable(padded));
        return padded;
    }

private slots:
    void lines_haveLlamaCppsIds_data()
    {
        QTest::addColumn<QString>("reference");
        QTest::addColumn<QString>("file");
        QTest::addColumn<qint64>("bytes");
        QTest::newRow("Gemma 3") << "gemma3"
                                 << "gemma-3-270m-q4_k_m.gguf" << qint64{0};
        QTest::newRow("R1-Distill-Qwen") << "r1-qwen"
                                         << "model_part_0000" << qint64{4'683'073'248};
    }

    void lines_haveLlamaCppsIds()
    {
        QFETCH(QString, reference);
        QFETCH(QString, file);
        QFETCH(qint64, bytes);
        if (!qEnvironmentVariableIsSet("HEADWATER_VOCABULARIES"))
            QSKIP("HEADWATER_VOCABULARIES names no folder (tests/data/reference/README.md)");
        const QString path = wholeFile(file, bytes);
        if (!QFile::exists(path))
            QSKIP(qPrintable("HEADWATER_VOCABULARIES holds no " + file));
        const auto mapped = MappedFile::open(path.toStdString());
        QVERIFY(mapped.has_value());
        const auto gguf = readGguf(mapped->bytes(), path.toStdString());
        QVERIFY2(gguf.has_value(), gguf ? "" : gguf.error().text().c_str());
        auto data = readGgufTokenizer(GgufMetadata(*gguf));
        QVERIFY2(data.has_value(), data ? "" : data.error().text().c_str());
        data->addBos = false;
        const auto tokenizer = makeTokenizer(*data);
        QVERIFY2(tokenizer.has_value(), tokenizer ? "" : tokenizer.error().text().c_str());

        std::vector<std::string> lines = readLines("corpus.bin.zst");
        std::ranges::move(readLines(reference.toStdString() + "-lines.bin.zst"), std::back_inserter(lines));
        const auto ids = readIds(reference.toStdString() + "-ids.bin.zst");
        QCOMPARE(lines.size(), std::size_t{11'000});
        QCOMPARE(ids.size(), lines.size());
        for (std::size_t i = 0; i < lines.size(); ++i)
            QVERIFY2(hasIds(**tokenizer, lines[i], ids[i]), qPrintable(QString("line %1").arg(i)));
        for (const char* const unit : {"a", " ", "\n", "=", "\u00E9"}) {
            std::string text;
            for (int i = 0; i < 1'000'000; ++i)
                text += unit;
            QVERIFY((*tokenizer)->encode(text).has_value());
        }
    }
};

QTEST_GUILESS_MAIN(TestFamilyTokenizers)
#include "tst_family_tokenizers.moc"
