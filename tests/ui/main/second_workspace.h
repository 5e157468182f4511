// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/command_table.h"
#include "ui/main/history.h"
#include "ui/main/workspace.h"

#include <QLabel>
#include <QVBoxLayout>
#include <QWidget>

namespace headwater::testing {

/// A past in which nothing happens.
class NoHistory : public History {
public:
    using History::History;
    bool canUndo() const override { return false; }
    bool canRedo() const override { return false; }
    void undo() override { }
    void redo() override { }
    bool canGoBack() const override { return false; }
    bool canGoForward() const override { return false; }
    void goBack() override { }
    void goForward() override { }
};

/// The least a workspace is: a page, a panel, a command with the key M that counts, and that count kept.
class SecondWorkspace : public Workspace {
public:
    explicit SecondWorkspace(QWidget* window)
        : m_page(new QWidget(window))
    {
        m_page->setObjectName("second_page");
        m_page->setAccessibleName("Second");
        m_page->setFocusPolicy(Qt::StrongFocus);
    }

    int count() const { return m_count; }
    const std::optional<Location>& place() const { return m_place; }

    QWidget* page() override { return m_page; }
    QWidget* makePanel(const QString& id, QWidget* parent) override { return new QLabel(id, parent); }
    void bind(CommandTable& commands) override
    {
        commands.bind("second.count", [this](const CommandArguments&) -> Result<void> {
            ++m_count;
            return {};
        });
    }
    bool allows(const QString&) const override { return true; }
    Result<void> goTo(const Location& place) override
    {
        m_place = place;
        return {};
    }
    History& history() override { return m_history; }
    bool isBusy() const override { return false; }
    std::vector<StatusText> status() const override { return {{"count", "Count", QString::number(m_count)}}; }
    std::optional<QPoint> messagePlace(int) const override { return std::nullopt; }
    Result<WorkspaceFigure> figure(const CommandArguments&) const override
    {
        const FigureWriter none = [](const std::filesystem::path&, std::stop_token) {
            return Result<FigureWritten>(Error{ErrorCode::Unsupported, "the second has no figure", {}});
        };
        return WorkspaceFigure{none, [none](QWidget&, const auto& take) { take(none, "second.pdf"); }};
    }
    nlohmann::json save() override { return {{"count", m_count}}; }
    void restore(const nlohmann::json& saved) override
    {
        if (saved.is_object())
            m_count = saved.value("count", 0);
    }

private:
    QWidget* m_page;
    NoHistory m_history;
    int m_count = 0;
    std::optional<Location> m_place;
};

} // namespace headwater::testing
