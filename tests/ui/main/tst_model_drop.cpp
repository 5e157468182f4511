// SPDX-License-Identifier: GPL-3.0-or-later
// Models dropped on the window, with the real engine: files, parts, folders, snapshots, and what is none.
#include "core/model/folder_builder.h"
#include "core/model/gguf_builder.h"
#include "core/model/hub_cache_builder.h"
#include "ui/main/made_windows.h"
#include "ui/main/message_bar.h"

#include <QComboBox>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QTest>
#include <QUrl>

using namespace headwater;
using namespace headwater::testing;

class TestModelDrop : public MadeWindows {
    Q_OBJECT

    std::unique_ptr<MainWindow> realWindow()
    {
        WindowOptions options = optionsOf(HEADWATER_PROGRAM);
        options.engineArguments = {"serve"};
        auto window = std::make_unique<MainWindow>(options);
        window->show();
        return window;
    }
    static void drop(MainWindow& window, const QString& path)
    {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(path)});
        QDragEnterEvent enter({100, 100}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&window, &enter);
        QDropEvent event(QPointF(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&window, &event);
    }
    QString file(const QString& name) const { return m_folder.filePath(name); }
    void write(const QString& name, const std::string& bytes) const
    {
        gguf::write(file(name).toStdString(), bytes);
    }

private slots:
    void initTestCase()
    {
        QVERIFY(prepare());
        write("whole.gguf", gguf::smallLlama().bytes());
        gguf::File bert = gguf::smallLlama();
        bert.set(gguf::string("general.architecture", "bert"));
        write("bert.gguf", bert.bytes());
        gguf::File part = gguf::smallLlama();
        part.entries.push_back({"split.no", gguf::U16, gguf::raw(std::uint16_t{1})});
        part.entries.push_back({"split.count", gguf::U16, gguf::raw(std::uint16_t{2})});
        part.entries.push_back({"split.tensors.count", gguf::I32, gguf::raw(std::int32_t{40})});
        write("p-00002-of-00002.gguf", part.bytes());
        folder::Folder model = folder::smallLlama();
        model.writeShards(2);
        model.write(file("folder"));
        folder::Folder cut = model;
        cut.files.erase(folder::Folder::nameOf(1));
        cut.write(file("cut"));
        const hub::Repository cached{file("hub/models--org--small").toStdString()};
        const std::string commit(40, 'd');
        cached.add(commit, "config.json", model.config.dump());
        for (const auto& [name, bytes] : model.files)
            cached.add(commit, name, bytes);
        cached.setRef("main", commit);
    }

    void drop_choosesTheModel_andSaysWhatItIs_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("seen");
        QTest::addColumn<bool>("runs");
        QTest::newRow("GGUF") << "whole.gguf"
                              << "llama · F32" << true;
        QTest::newRow("folder") << "folder"
                                << "1 layer of 2 heads" << true;
        QTest::newRow("safetensors") << "folder/part-1.safetensors"
                                     << "1 layer of 2 heads" << true;
        QTest::newRow("snapshot") << "hub/models--org--small/snapshots/" + QString(40, 'd')
                                  << "1 layer of 2 heads" << true;
        QTest::newRow("repository") << "hub/models--org--small"
                                    << "1 layer of 2 heads" << true;
        QTest::newRow("architecture") << "bert.gguf"
                                      << "\"bert\", expected an architecture" << false;
        QTest::newRow("part") << "p-00002-of-00002.gguf"
                              << "p-00001-of-00002.gguf: is missing" << false;
        QTest::newRow("shard") << "cut"
                               << "part-1.safetensors: is missing" << false;
    }
    void drop_choosesTheModel_andSaysWhatItIs()
    {
        QFETCH(const QString, name);
        QFETCH(const QString, seen);
        QFETCH(const bool, runs);
        const auto window = realWindow();
        auto* const field = window->findChild<QComboBox*>("run_model")->lineEdit();
        const QString before = field->text();
        drop(*window, file(name));
        QTRY_VERIFY(window->findChild<QWidget*>("run_page")->isVisible());
        QCOMPARE(field->text(), file(name));
        auto* const label = window->findChild<QLabel*>("run_model_seen");
        QTRY_VERIFY2(label->text().contains(seen), qPrintable(label->text()));
        QCOMPARE(label->text().startsWith("Does not run: "), !runs);
        QVERIFY(!window->messageBar()->isVisible());
        // The keyboard is where the choice can be taken back.
        QCOMPARE(window->focusWidget(), field->parentWidget());
        field->undo();
        QCOMPARE(field->text(), before);
    }

    /// Any folder may be a model's; what is in it decides, and the engine says so.
    void folderWithoutAModel_isRefused()
    {
        QVERIFY(QDir(m_folder.path()).mkpath("empty"));
        const auto window = realWindow();
        QCOMPARE(runScript(*window, {"run.new text=hello"}), 0);
        drop(*window, file("empty"));
        auto* const seen = window->findChild<QLabel*>("run_model_seen");
        QTRY_VERIFY2(seen->text().contains("is a folder without config.json"), qPrintable(seen->text()));
        QVERIFY(!window->findChild<QPushButton*>("run_start_button")->isEnabled());
    }
};

QTEST_MAIN(TestModelDrop)
#include "tst_model_drop.moc"
