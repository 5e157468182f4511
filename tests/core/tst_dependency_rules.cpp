// SPDX-License-Identifier: Apache-2.0
// The rules of docs/architecture.md, read from the includes.
#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QTest>

class TstDependencyRules : public QObject {
    Q_OBJECT

private:
    struct Include {
        QString file;
        QString header;
        bool quoted;
    };

    static QList<Include> includesOf(const QString& folder)
    {
        QList<Include> includes;
        const QDir root(HEADWATER_SOURCE_DIR);
        QDirIterator files(root.filePath(folder), {"*.h", "*.cpp"}, QDir::Files,
                           QDirIterator::Subdirectories);
        static const QRegularExpression pattern("^\\s*#\\s*include\\s*([\"<])([^\">]+)[\">]",
                                                QRegularExpression::MultilineOption);
        while (files.hasNext()) {
            QFile file(files.next());
            if (!file.open(QIODevice::ReadOnly))
                continue;
            auto matches = pattern.globalMatch(QString::fromUtf8(file.readAll()));
            while (matches.hasNext()) {
                const auto match = matches.next();
                includes.append(
                    {root.relativeFilePath(file.fileName()), match.captured(2), match.captured(1) == "\""});
            }
        }
        return includes;
    }

private slots:
    void core_includesNoQtNorUpperFolders()
    {
        const auto includes = includesOf("core");
        QVERIFY(includes.size() > 100);
        static const QRegularExpression forbidden("^(Q[A-Z]|Qt|ui/|app/|gpu/|cuda|GL/)");
        for (const Include& include : includes)
            QVERIFY2(!forbidden.match(include.header).hasMatch(),
                     qPrintable(include.file + " includes " + include.header));
    }

    void core_arrowsPointOneWay()
    {
        const QStringList order{"base",    "parallel", "record",  "model",      "tokenizer", "select",
                                "options", "backend",  "forward", "generation", "trace",     "reading",
                                "session", "tiles",    "figure",  "engine"};
        for (const Include& include : includesOf("core")) {
            if (!include.quoted)
                continue;
            QVERIFY2(include.header.startsWith("core/"),
                     qPrintable(include.file + " includes " + include.header));
            const auto from = order.indexOf(include.file.section('/', 1, 1));
            const auto to = order.indexOf(include.header.section('/', 1, 1));
            QVERIFY2(from >= 0 && to >= 0,
                     qPrintable(include.file + " or " + include.header + " is in no known module"));
            QVERIFY2(to <= from, qPrintable(include.file + " points up to " + include.header));
        }
    }

    /// The rooms of core/model: a container knows architectures, and no container another. What is in no room
    /// is what they all speak of, and the door (model_loader.h) that knows them all.
    void model_roomsPointOneWay()
    {
        const QMap<QString, QStringList> allowed{{"architecture", {}},
                                                 {"gguf", {"architecture"}},
                                                 {"folder", {"architecture"}},
                                                 {"builtin", {}},
                                                 {"fetch", {"builtin"}}};
        int arrows = 0;
        for (const Include& include : includesOf("core/model")) {
            if (!include.header.startsWith("core/model/") || include.file.count('/') != 3
                || include.header.count('/') != 3)
                continue;
            const QString from = include.file.section('/', 2, 2);
            const QString to = include.header.section('/', 2, 2);
            QVERIFY2(allowed.contains(from), qPrintable(include.file + " is in no known room"));
            QVERIFY2(from == to || allowed[from].contains(to),
                     qPrintable(include.file + " includes " + include.header));
            arrows += from == to ? 0 : 1;
        }
        QVERIFY(arrows > 2);
    }

    void forward_knowsNoTraceNorTiles()
    {
        for (const Include& include : includesOf("core/forward"))
            QVERIFY2(!include.header.startsWith("core/trace"), qPrintable(include.file));
    }

    void ui_includesNeitherGpuNorModels()
    {
        for (const Include& include : includesOf("ui")) {
            static const QRegularExpression forbidden(
                "^(gpu/|app/|core/(model|tokenizer|backend|forward|engine)/)");
            QVERIFY2(!forbidden.match(include.header).hasMatch(),
                     qPrintable(include.file + " includes " + include.header));
        }
    }

    /// A room of the window knows those below it; those of one floor, the panels among them, do not know each
    /// other.
    void ui_arrowsPointDown()
    {
        const QMap<QString, int> floors{{"state", 0},     {"theme", 0},  {"bridge", 1}, {"map", 2},
                                        {"verdict", 2},   {"figure", 3}, {"heads", 3},  {"text", 3},
                                        {"inspector", 3}, {"run", 3},    {"main", 4},   {"explore", 5}};
        int arrows = 0;
        for (const Include& include : includesOf("ui")) {
            if (!include.header.startsWith("ui/"))
                continue;
            const QString from = include.file.section('/', 1, 1);
            const QString to = include.header.section('/', 1, 1);
            QVERIFY2(floors.contains(from) && floors.contains(to),
                     qPrintable(include.file + " or " + include.header + " is in no known room"));
            QVERIFY2(from == to || floors[to] < floors[from],
                     qPrintable(include.file + " includes " + include.header));
            arrows += from == to ? 0 : 1;
        }
        QVERIFY(arrows > 100);
    }

    /// The shell knows workspaces, none of them by name: neither what Explore shows nor its rooms.
    void ui_shellKnowsNoMap()
    {
        static const QRegularExpression room("^ui/(map|heads|text|inspector|explore)/");
        for (const Include& include : includesOf("ui/main"))
            QVERIFY2(!room.match(include.header).hasMatch(),
                     qPrintable(include.file + " includes " + include.header));
        static const QRegularExpression word("(?<!std::)(?<!<)\\b[Mm]aps?\\b");
        int files = 0;
        const QDir shell(QDir(HEADWATER_SOURCE_DIR).filePath("ui/main"));
        for (const QString& name : shell.entryList({"*.h", "*.cpp"}, QDir::Files)) {
            QFile file(shell.filePath(name));
            QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(name));
            const auto found = word.match(QString::fromUtf8(file.readAll()));
            QVERIFY2(!found.hasMatch(), qPrintable(name + " says " + found.captured()));
            ++files;
        }
        QVERIFY(files > 50);
    }

    /// Panels read a trace through its reader, never through what the map has made of it.
    void ui_panelsKnowNoTiles()
    {
        for (const char* const room : {"heads", "text", "inspector", "run"}) {
            for (const Include& include : includesOf(QStringLiteral("ui/") + room)) {
                static const QRegularExpression forbidden("^(core/tiles/tile_|ui/map/map_(tiles|view|pane))");
                QVERIFY2(!forbidden.match(include.header).hasMatch(),
                         qPrintable(include.file + " includes " + include.header));
            }
        }
    }

    void commandLine_includesNoQt()
    {
        for (const Include& include : includesOf("app/headwater")) {
            static const QRegularExpression forbidden("^(Q[A-Z]|ui/)");
            QVERIFY2(!forbidden.match(include.header).hasMatch(),
                     qPrintable(include.file + " includes " + include.header));
        }
    }
};

QTEST_APPLESS_MAIN(TstDependencyRules)
#include "tst_dependency_rules.moc"
