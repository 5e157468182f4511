// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/option_arguments.h"
#include "core/base/shell_quote.h"
#include "core/options/option_command.h"
#include "core/options/option_table.h"
#include "core/options/random_options.h"

#include <QTest>
#include <algorithm>

using namespace headwater;
using namespace headwater::test;

namespace {

/// What the verb makes of the words behind its name; the parser's complaint where it refuses them.
Result<RunOptions> parsed(OptionVerb verb, std::vector<std::string> words)
{
    CLI::App app;
    RunOptions options = defaultsOf(verb);
    addOptions(app, verb, options);
    std::reverse(words.begin(), words.end()); // as CLI11 takes them
    try {
        app.parse(words);
    } catch (const CLI::ParseError& failure) {
        return Error{ErrorCode::InvalidArgument, failure.what(), ""};
    }
    return options;
}

/// The words of a command line behind "headwater VERB", as a shell gives them.
std::vector<std::string> argumentsOf(const std::string& line)
{
    std::vector<std::string> words = shellWords(line);
    words.erase(words.begin(), words.begin() + 2);
    return words;
}

} // namespace

/// The table's options as arguments: what a trace keeps as its command says the same options again.
class TstOptionArguments : public QObject {
    Q_OBJECT
private slots:
    void commandLine_saysTheSameOptions_data()
    {
        QTest::addColumn<int>("verb");
        QTest::newRow("run") << int(RunVerb);
        QTest::newRow("generate") << int(GenerateVerb);
    }

    void commandLine_saysTheSameOptions()
    {
        QFETCH(int, verb);
        const auto of = static_cast<OptionVerb>(verb);
        std::mt19937_64 random(15);
        for (int round = 0; round < 200; ++round) {
            RunOptions options = randomOptions(random, of);
            options.keepSession = false; // which no command line says
            const std::string line = commandLineOf(of, options);
            const auto back = parsed(of, argumentsOf(line));
            QVERIFY2(back, (line + "\n" + (back ? "" : back.error().message)).c_str());
            QCOMPARE(differenceOf(of, options, *back), std::string());
            QCOMPARE(commandLineOf(of, *back), line);
        }
    }

    void outsideOfABound_isRefusedInTheTablesWords()
    {
        int refusals = 0;
        for (const OptionRow& row : optionRows()) {
            const OptionVerb verb = row.isOf(RunVerb) ? RunVerb : GenerateVerb;
            const auto* const choice = std::get_if<Choice>(&row.kind);
            if (choice != nullptr && choice->isFlags)
                continue;
            for (const auto& [text, json] : outsideOf(row)) {
                const std::string option = "--" + std::string(row.name);
                const auto typed = parsed(verb, {"--model", "m", "--text", "t", option + "=" + text});
                QVERIFY2(!typed, text.c_str());
                QCOMPARE(typed.error().message, option + ": " + valueOfText(row, text).error().message);
                ++refusals;
            }
        }
        QVERIFY(refusals >= 20);
    }

    void prompt_isExactlyOne()
    {
        QVERIFY(!parsed(RunVerb, {"--model", "m"}));
        QVERIFY(!parsed(RunVerb, {"--model", "m", "--text", "t", "--prompt", "p"}));
        QVERIFY(!parsed(RunVerb, {"--text", "t"}));
        QVERIFY(!parsed(RunVerb, {"--model", "m", "--text", "t", "--observed", "--propagated"}));
        QVERIFY(parsed(RunVerb, {"--model", "m", "--prompt", "-"}));
    }
};

QTEST_APPLESS_MAIN(TstOptionArguments)
#include "tst_option_arguments.moc"
