// SPDX-License-Identifier: Apache-2.0
#include "core/engine/find_model.h"

#include "core/model/gguf_builder.h"
#include "core/model/model_loader.h"
#include "core/trace/made_trace.h"
#include "support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

using namespace headwater;

/// The model that made a trace is found by its header, wherever it lies, and never by its name alone.
class TestFindModel : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    std::filesystem::path pathOf(const char* name) const { return m_folder.filePath(name).toStdString(); }

    /// A trace whose meta says this of its model; empty ones are left out.
    Result<std::shared_ptr<const Trace>> trace(const std::string& header, const std::string& source,
                                               const std::string& command) const
    {
        const std::filesystem::path path = pathOf("made.hwt");
        const made::Shape shape;
        TraceWriter::Begin begin = made::begin(shape);
        if (!header.empty())
            begin.meta["model"]["header_sha256"] = header;
        if (!source.empty())
            begin.meta["model"]["source"] = source;
        if (!command.empty())
            begin.meta["command"] = command;
        std::filesystem::remove(path);
        HEADWATER_TRY_ASSIGN(TraceWriter writer, TraceWriter::create(path, begin, true));
        HEADWATER_TRY(writer.writeLayer(0, made::layer(shape, 0), shape.tailRow));
        HEADWATER_TRY(writer.writeLayer(1, made::layer(shape, 1), shape.tailRow));
        HEADWATER_TRY(writer.seal());
        return Trace::open(path);
    }

    /// Writes a model of this name; returns its header's hash.
    std::string writeModel(const char* name, const char* title) const
    {
        gguf::File file = gguf::smallLlama();
        file.entries[1] = gguf::string("general.name", title);
        gguf::write(pathOf(name).string(), file.bytes());
        const auto model = loadModel(pathOf(name).string());
        return model ? (*model)->identity.headerSha256 : std::string();
    }

private slots:
    void builtIn_isFoundByItsHeader()
    {
        const auto needle = loadModel("builtin:needle");
        VERIFY_RESULT(needle);
        const auto made = trace((*needle)->identity.headerSha256, "", "");
        VERIFY_RESULT(made);
        const auto found = findModelOf(**made);
        VERIFY_RESULT(found);
        QCOMPARE(*found, std::string("builtin:needle"));
    }

    void fileBesideTheTrace_isFound()
    {
        const std::string header = writeModel("small.gguf", "small");
        QVERIFY(!header.empty());
        const auto made = trace(header, "small.gguf", "headwater run --model gone.gguf");
        VERIFY_RESULT(made);
        const auto found = findModelOf(**made);
        VERIFY_RESULT(found);
        QCOMPARE(*found, pathOf("small.gguf").string());
    }

    void pathOfTheCommand_comesFirst()
    {
        QVERIFY(std::filesystem::create_directory(pathOf("the model's")));
        const std::string header = writeModel("the model's/it is.gguf", "small");
        QCOMPARE(writeModel("small.gguf", "small"), header);
        const std::string named = pathOf("the model's/it is.gguf").string();
        std::string quoted = "'" + named + "'";
        quoted.replace(quoted.find("l's") + 1, 1, "'\\''");
        const auto made = trace(header, "small.gguf", "headwater run --model " + quoted + " --observed");
        VERIFY_RESULT(made);
        const auto found = findModelOf(**made);
        VERIFY_RESULT(found);
        QCOMPARE(*found, named);
    }

    void anotherFileOfThatName_isNotTheModel()
    {
        const std::string header = writeModel("small.gguf", "small");
        QVERIFY(writeModel("small.gguf", "another") != header);
        const auto made = trace(header, "small.gguf", "headwater run --model small.gguf");
        VERIFY_RESULT(made);
        const auto found = findModelOf(**made);
        QVERIFY(!found);
        QCOMPARE(found.error().code, ErrorCode::NotFound);
        QCOMPARE(found.error().context, std::string("small.gguf")); // which file to look for
        QVERIFY2(found.error().message.find(header.substr(0, 12)) != std::string::npos,
                 found.error().text().c_str());
    }

    void traceWithoutAHeader_asksForTheModel()
    {
        const auto made = trace("", "small.gguf", "headwater run --model builtin:needle");
        VERIFY_RESULT(made);
        const auto found = findModelOf(**made);
        QVERIFY(!found);
        QCOMPARE(found.error().code, ErrorCode::Unsupported);
        QCOMPARE(found.error().context, std::string("made.hwt"));
    }
};

QTEST_APPLESS_MAIN(TestFindModel)
#include "tst_find_model.moc"
