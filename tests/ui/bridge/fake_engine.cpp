// SPDX-License-Identifier: GPL-3.0-or-later
// A stand-in for `headwater serve` that follows docs/engine_protocol.md, and breaks it when asked to. What a
// `run` does is told by its parameter "model":
//   "layers:N"  N finished layers, two tokens, then the report
//   "trace:PATH" two finished layers of a trace that is there
//   "unkept:PATH" the same, whose session could not be kept
//   "wait"      answers only when it is cancelled
//   "die"       ends with exit code 3 and a line on standard error
//   "kill"      dies by a signal
//   "garbage"   writes bytes that are no message
//   "refuse"    the error out_of_memory
// `generate` says what the model "answers:TEXT" names, byte by byte but the last, which comes without a
// token; of other models it is told by the same words as a run. `estimate` of the model "quick" takes a fifth
// of a second, of "large" it is refused, "base" has no chat format, "no turns" refuses them. Started with the
// arguments `sessions JSON` it has an answer to every `session.…` method that JSON names
// ("estimate", "open", …): the result, {"error": CODE, "message": TEXT, "context": WHERE}, or "wait" (a
// progress, and nothing more until it is cancelled). Any trace at all. `status` tells the requests that it
// was told to cancel.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <unistd.h>

namespace {

using nlohmann::json;

void send(const json& message)
{
    const std::string body = message.dump();
    std::cout << "Content-Length: " << body.size() << "\r\n\r\n" << body << std::flush;
}

void answer(const json& id, const json& result)
{
    send({{"jsonrpc", "2.0"}, {"id", id}, {"result", result}});
}

void refuse(const json& id, const char* code, int exitCode, const char* text,
            const std::string& context = "fake")
{
    send({{"jsonrpc", "2.0"},
          {"id", id},
          {"error",
           {{"code", -32000},
            {"message", text},
            {"data", {{"code", code}, {"exit_code", exitCode}, {"context", context}}}}}});
}

bool receive(json& message)
{
    std::string line;
    std::size_t length = 0;
    while (std::getline(std::cin, line) && line != "\r") {
        if (line.rfind("Content-Length:", 0) == 0)
            length = std::stoul(line.substr(15));
    }
    if (!std::cin)
        return false;
    std::string body(length, '\0');
    std::cin.read(body.data(), static_cast<std::streamsize>(length));
    message = json::parse(body);
    return true;
}

/// `more`: what the answer says beside the run's own.
void runLayers(const json& id, int layers, const std::string& trace, const json& more = json::object())
{
    for (int layer = 0; layer < layers; ++layer)
        send({{"jsonrpc", "2.0"},
              {"method", "progress"},
              {"params",
               {{"id", id},
                {"phase", "prefill"},
                {"done", layer + 1},
                {"total", layers},
                {"unit", "layer"},
                {"seconds_left", nullptr},
                {"finished_layer", layer},
                {"trace", trace}}}});
    for (const char* text : {"74", "21"})
        send({{"jsonrpc", "2.0"},
              {"method", "token"},
              {"params", {{"id", id}, {"token_id", 7}, {"text", text}}}});
    json result = {
        {"tokens", 100}, {"trace", trace}, {"generated", {{"text", "7421"}}}, {"seconds", {{"total", 1.5}}}};
    result.update(more);
    answer(id, result);
}

void run(const json& id, const std::string& model)
{
    if (model.rfind("layers:", 0) == 0) {
        runLayers(id, std::stoi(model.substr(7)), "/fake/trace.hwt");
    } else if (model.rfind("trace:", 0) == 0) {
        runLayers(id, 2, model.substr(6));
    } else if (model.rfind("unkept:", 0) == 0) {
        runLayers(id, 2, model.substr(7), {{"session_error", "the scratch file is full"}});
    } else if (model.rfind("tokens:", 0) == 0) { // and goes on for ever
        send({{"jsonrpc", "2.0"},
              {"method", "token"},
              {"params", {{"id", id}, {"token_id", 7}, {"text", model.substr(7)}}}});
    } else if (model == "die") {
        std::fputs("fake engine: told to die\n", stderr);
        std::exit(3);
    } else if (model == "kill") {
        std::raise(SIGKILL);
    } else if (model == "garbage") {
        std::cout << "this is no message\r\n\r\nat all" << std::flush;
    } else if (model == "refuse") {
        refuse(id, "out_of_memory", 71, "needs 9 GiB, 2 GiB are free: take --keep-keys 128");
    }
}

void generate(const json& id, const json& params)
{
    const std::string model = params.value("model", "");
    if (model.rfind("answers:", 0) != 0)
        return run(id, model);
    const std::string text = model.substr(8);
    json ids = json::array();
    for (std::size_t i = 0; i < text.size(); ++i) {
        json token{{"id", id}, {"text", text.substr(i, 1)}};
        if (i + 1 < text.size()) {
            ids.push_back(i);
            token["token_id"] = i;
        }
        send({{"jsonrpc", "2.0"}, {"method", "token"}, {"params", token}});
    }
    answer(id,
           {{"prompt_tokens", 746},
            {"reused_tokens", params.contains("temperature") ? 512 : 0},
            {"ids", ids},
            {"text", text},
            {"end", ids.size() < params["generate"] ? "end_token" : "count"},
            {"seconds", {{"generate", 2}}}});
}

json estimate(const json& params)
{
    const std::string model = params.value("model", "");
    json result{{"tokens", params.value("text", "").size()},
                {"memory_bytes", 1 << 20},
                {"memory_available", 1 << 30},
                {"seconds", model == "quick" ? 0.2 : 2.0},
                {"generate_seconds", params.value("generate", 16) > 0 ? 1.2 : 0.0},
                {"trace_bytes", 4096},
                {"predictions", model == "quick"},
                {"chat", model == "base" ? "off" : "chatml"}};
    if (model == "large")
        result["refused"] = "needs 9 GiB, 1 GiB is free: take fewer keys";
    if (model.rfind("/no/such/", 0) == 0)
        result["refused"] = model + ": there is no such file";
    return result;
}

void answerOfSession(const json& id, const json& wanted)
{
    if (wanted == "wait")
        send({{"jsonrpc", "2.0"},
              {"method", "progress"},
              {"params",
               {{"id", id},
                {"phase", "session"},
                {"done", 3},
                {"total", 10},
                {"unit", "layer"},
                {"seconds_left", 7}}}});
    else if (wanted.contains("error"))
        refuse(id, wanted["error"].get<std::string>().c_str(), 1,
               wanted.value("message", std::string()).c_str(), wanted.value("context", "fake"));
    else
        answer(id, wanted);
}

json absent(const char* name, const json& terms = nullptr)
{
    return {{"name", name}, {"description", "far away"}, {"license", "MIT"},
            {"path", ""},   {"present", false},          {"terms", terms}};
}

/// As `headwater models --json [-- NAME…]`: "refused…" does not run, "/no/such/…" leads nowhere, "slow…"
/// takes for ever, all others run. Without names: what runs, what does not, what is to be fetched.
int printModels(int argc, char** argv)
{
    const auto seen = [](const std::string& name) {
        const bool isThere = name.rfind("/no/such/", 0) != 0;
        const bool runs = isThere && name.find("refused") == std::string::npos;
        return json{{"name", name},
                    {"description", std::string(runs ? "llama" : "mamba") + " · Q4_K · 3 MiB"},
                    {"license", nullptr},
                    {"path", "/fake/" + name},
                    {"present", isThere},
                    {"terms", nullptr},
                    {"revision", name.rfind("org/", 0) == 0 ? json(std::string(40, 'a')) : json()},
                    {"container", isThere ? json("GGUF") : json()},
                    {"architecture", runs ? "llama" : "mamba"},
                    {"stored_as", "Q4_K"},
                    {"bytes", 3 << 20},
                    {"parameters", 1000},
                    {"runs", runs},
                    {"refusal", runs ? json() : json(name + ": architecture \"mamba\", expected llama")}};
    };
    json list = json::array();
    for (int i = 4; i < argc; ++i) {
        if (std::string(argv[i]).rfind("slow", 0) == 0)
            ::pause();
        list.push_back(seen(argv[i]));
    }
    if (argc <= 4) {
        list = {seen("builtin:needle"), seen("org/small-llama"), seen("org/refused"), seen("org/Qwen-tiny")};
        list.push_back(absent("absent"));
    }
    std::puts(list.dump(2).c_str());
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    // As `headwater fetch NAME --json …`.
    if (argc > 2 && std::string(argv[1]) == "fetch") {
        const std::string model = argv[2];
        const bool accepts = std::any_of(argv + 3, argv + argc, [](const char* argument) {
            return std::string(argument) == "--accept-terms";
        });
        if (model == "absent" || (model == "under terms" && accepts)) {
            std::puts(json{{"name", model}, {"path", "/models/" + model + ".gguf"}, {"license", "MIT"}}
                          .dump(2)
                          .c_str());
            return 0;
        }
        if (model == "endless") {
            std::fputs("warning: not JSON\n{\"phase\":\"fetch\",\"done\":47185920,\"total\":101711872,"
                       "\"unit\":\"bytes\",\"seconds_left\":12.0}\n",
                       stderr);
            ::pause();
        }
        std::puts(json{{"error", {{"code", "unavailable"}, {"message", "no network"}}}}.dump(2).c_str());
        return 69;
    }
    if (argc > 2 && std::string(argv[1]) == "models")
        return printModels(argc, argv);
    const json terms = {
        {"name", "Terms <of> Use"}, {"url", "https://example.org/terms"}, {"accepted", false}};
    const bool hasSessions = argc > 2 && std::string(argv[1]) == "sessions";
    const json sessions = hasSessions ? json::parse(argv[2]) : json::object();
    json cancelled = json::array();
    json message;
    while (receive(message)) {
        const json id = message.value("id", json());
        const std::string method = message.value("method", "");
        const json params = message.value("params", json::object());
        if (method == "initialize")
            answer(id,
                   {{"protocol", 1},
                    {"version", "0.0-fake"},
                    {"gemm", "none"},
                    {"threads", 2},
                    {"memory_available", 1 << 30},
                    {"models",
                     {{{"name", "builtin:needle"},
                       {"description", "made"},
                       {"license", "Apache-2.0"},
                       {"path", ""},
                       {"present", true},
                       {"terms", nullptr}},
                      absent("absent"),
                      absent("endless"),
                      absent("broken"),
                      absent("under terms", terms),
                      absent("broken under terms", terms)}}});
        else if (method == "status")
            answer(id, {{"state", "idle"}, {"nice", ::nice(0)}, {"cancelled", cancelled}});
        else if (method == "tokenize")
            answer(id, {{"count", params.value("text", "").size()}});
        else if (method == "estimate" && params.value("model", "") == "no turns")
            refuse(id, "invalid_argument", 64, "turn 1 is the user's", "turns");
        else if (method == "estimate")
            answer(id, estimate(params));
        else if (method == "generate.estimate")
            answer(id,
                   {{"tokens", params.value("text", "").size()},
                    {"generate", params.value("generate", 64)},
                    {"memory_bytes", 3 << 20},
                    {"memory_available", 1 << 30},
                    {"seconds", 5},
                    {"generate_seconds", 4}});
        else if (method.rfind("session.", 0) == 0 && sessions.contains(method.substr(8)))
            answerOfSession(id, sessions[method.substr(8)]);
        else if (method == "run")
            run(id, params.value("model", ""));
        else if (method == "generate")
            generate(id, params);
        else if (method == "$/cancelRequest") {
            cancelled.push_back(params.value("id", json()));
            refuse(params.value("id", json()), "cancelled", 130, "cancelled");
        } else
            send({{"jsonrpc", "2.0"},
                  {"id", id},
                  {"error", {{"code", -32601}, {"message", "unknown method"}}}});
    }
    return 0;
}
