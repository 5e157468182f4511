// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/figure/heatmap_figure.h"
#include "core/trace/synthetic_trace.h"

#include <QObject>
#include <QString>
#include <QTemporaryDir>

namespace headwater::test {

inline const FigureCells& cellsOf(const FigureSpec& spec)
{
    for (const FigureGroup& group : spec.groups) {
        if (group.name == "cells")
            return std::get<FigureCells>(group.items.back());
    }
    qFatal("no cells");
}

inline const FigureGroup& groupOf(const FigureSpec& spec, std::string_view name)
{
    for (const FigureGroup& group : spec.groups) {
        if (group.name == name)
            return group;
    }
    qFatal("no such group");
}

/// The rectangles of a group.
inline std::vector<FigureRectangle> framesOf(const FigureSpec& spec, std::string_view name)
{
    std::vector<FigureRectangle> frames;
    for (const FigureItem& item : groupOf(spec, name).items) {
        if (const auto* frame = std::get_if<FigureRectangle>(&item))
            frames.push_back(*frame);
    }
    return frames;
}

/// Every text of a figure.
inline QString textOf(const FigureSpec& spec)
{
    QString all;
    for (const FigureGroup& group : spec.groups) {
        for (const FigureItem& item : group.items) {
            if (const auto* text = std::get_if<FigureText>(&item))
                all += QString::fromStdString(text->text) + ' ';
        }
    }
    return all;
}

/// Figures of one made trace, in a folder of their own.
class MadeFigure : public QObject {
protected:
    QString path(const char* name) const { return m_folder.filePath(name); }
    std::filesystem::path file(const char* name) const { return path(name).toStdString(); }

    /// False, with a warning, where the trace could not be made.
    bool record()
    {
        const SyntheticSpec made{"figure", {2048, 8, 8}, 2, 2, 16, 2, 5};
        if (const auto written = writeSyntheticTrace(file("made.hwt"), made); !written) {
            qWarning("%s", written.error().text().c_str());
            return false;
        }
        auto trace = Trace::open(file("made.hwt"));
        if (trace)
            m_trace = *trace;
        else
            qWarning("%s", trace.error().text().c_str());
        return trace.has_value();
    }

    FigureSpec specOf(const HeatmapFigureOptions& options) const
    {
        auto fonts = FigureFonts::load();
        if (!fonts)
            qFatal("%s", fonts.error().text().c_str());
        auto spec = heatmapFigure(m_trace, options, *fonts);
        if (!spec)
            qFatal("%s", spec.error().text().c_str());
        return *spec;
    }

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;
};

} // namespace headwater::test
