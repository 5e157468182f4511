// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace headwater {

class CommandTable;
class EngineClient;
class ErrorReports;
class FileSession;
class FindSession;
class MessageBar;
class RunPage;
class RunSession;
class Subject;
class TraceSession;
class ViewReader;

/// What a window has whatever its workspaces are: what is looked at, what reads and computes it, and what
/// speaks to the user. Its parts share it; it outlives them.
struct Shell {
    QWidget& window; ///< over which dialogs stand
    CommandTable& commands;
    Subject& subject;
    ViewReader& reader; ///< of the trace that is looked at
    EngineClient& engine;
    RunSession& run;
    TraceSession& session; ///< of the model of the trace that is looked at
    FileSession& files;
    FindSession& find;
    RunPage& form;
    MessageBar& messages;
    ErrorReports& errors;
};

} // namespace headwater
