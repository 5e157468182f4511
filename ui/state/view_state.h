// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/token_range.h"
#include "core/record/head_id.h"
#include "core/record/token_pair.h"
#include "core/trace/trace_reader.h"

#include <QObject>
#include <QPointF>
#include <QSizeF>
#include <memory>
#include <optional>
#include <vector>

namespace headwater {

/// What the map shows of each cell: the largest probability, the number of kept edges, or the missed mass of
/// its rows.
enum class MapMode { Max, Count, Missed };

/// Which part of the T × T square is on screen. Tokens are positions in double: (key, query) of the top left
/// corner and the tokens one device-independent pixel covers. The whole map fills its pane, so that its axes
/// have scales of their own; close up they have the same one (`stretch` 1).
struct MapViewport {
    double key = 0;
    double query = 0;
    double tokensPerPixel = 1; ///< along the key axis
    double stretch = 1; ///< tokens a pixel covers along the query axis over those along the key axis
    double queryTokensPerPixel() const { return tokensPerPixel * stretch; }
    bool operator==(const MapViewport&) const = default;
};

/// How values become colours. One range for all heads: it changes only when the user says so (or fits).
struct ColourScale {
    enum class Map { Magma, Viridis, Cividis, Greys };
    Map map = Map::Magma;
    bool logarithmic = true;
    double low = 1e-4;
    double high = 1.0;
    bool operator==(const ColourScale&) const = default;
};

/// What shades the words of the prompt: what the locked row reads, or the loss of each word, −ln of the
/// probability that the row before it gave to it.
enum class TextShade { Reads, Loss };

/// Masks that hide, never change, data.
struct VisualMask {
    bool sinks = false;
    bool diagonal = false;
    bool operator==(const VisualMask&) const = default;
};

/// The one source of truth of a window: what is looked at. All views observe it, none keeps its own copy.
/// Lives in the UI thread. Setters do nothing when the value does not change.
class ViewState : public QObject {
    Q_OBJECT
public:
    explicit ViewState(QObject* parent = nullptr);

    std::shared_ptr<const Trace> trace() const { return m_trace; }
    HeadId head() const { return m_head; } ///< the locked head
    HeadId shownHead() const { return m_preview.value_or(m_head); } ///< the hovered head while there is one
    MapMode mode() const { return m_mode; }
    MapViewport viewport() const { return m_viewport; }
    ColourScale colours() const { return m_colours; }
    VisualMask mask() const { return m_mask; }
    TokenPair hovered() const { return m_hovered; } ///< under the cursor
    TokenPair locked() const { return m_locked; } ///< by a click
    TextShade textShade() const { return m_textShade; }
    /// The tokens that the text shows, while it is shaded by loss and seen.
    const std::vector<TokenRange>& textInView() const { return m_textInView; }
    /// What the rows of the trace gave to the tokens after them; null while that is read, and where the trace
    /// does not hold it. Of a trace without them a session may have given some rows: isPredicted().
    std::shared_ptr<const Predictions> predictions() const { return m_predictions; }
    /// Why they cannot be had, though the trace has them; empty otherwise.
    const std::optional<Error>& predictionsFailure() const { return m_predictionsFailure; }

    /// A new trace (or a newer snapshot of the growing one: `keepView`). Null closes.
    void setTrace(std::shared_ptr<const Trace> trace, bool keepView = false);
    void setHead(HeadId head);
    void previewHead(std::optional<HeadId> head);
    void setMode(MapMode mode);
    void setViewport(const MapViewport& viewport);
    /// The view that is shown already, fitted to another size of its surface: seen as any change is, but no
    /// step of the user's, so that undo and places leave it out.
    void refitViewport(const MapViewport& viewport);
    void setColours(const ColourScale& colours);
    void setMask(const VisualMask& mask);
    void setHovered(const TokenPair& pair);
    void setLocked(const TokenPair& pair);
    void setTextShade(TextShade shade);
    void setTextInView(std::vector<TokenRange> tokens);
    void setPredictions(std::shared_ptr<const Predictions> predictions); ///< of the trace
    void failPredictions(Error failure);

signals:
    void traceChanged();
    void headChanged(); ///< locked head
    void shownHeadChanged(); ///< locked or previewed head
    void modeChanged();
    void viewportChanged();
    void viewportRefitted(const headwater::MapViewport& before); ///< comes before viewportChanged
    void coloursChanged();
    void maskChanged();
    void hoveredChanged();
    void lockedChanged();
    void textShadeChanged();
    void textInViewChanged();
    void predictionsChanged(); ///< here, more of them, or failed; a new trace begins without them:
                               ///< traceChanged says that

private:
    std::shared_ptr<const Trace> m_trace;
    HeadId m_head;
    std::optional<HeadId> m_preview;
    MapMode m_mode = MapMode::Max;
    MapViewport m_viewport;
    ColourScale m_colours;
    VisualMask m_mask;
    TokenPair m_hovered;
    TokenPair m_locked;
    TextShade m_textShade = TextShade::Reads;
    std::vector<TokenRange> m_textInView;
    std::shared_ptr<const Predictions> m_predictions;
    std::optional<Error> m_predictionsFailure;
};

} // namespace headwater
