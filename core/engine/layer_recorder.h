// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/engine/run_report.h"
#include "core/forward/forward_observer.h"
#include "core/record/head_id.h"
#include "core/session/begun_trace.h"
#include "core/trace/trace_writer.h"

#include <map>
#include <optional>

namespace headwater {

/// The observer that turns what a forward pass saw into trace layers and into the totals of the report.
class LayerRecorder final : public ForwardObserver {
public:
    struct Options {
        std::uint32_t mostTokens = 0; ///< of the prompt and what may be generated
        /// The rows from here on will come again, and a chunk boundary is kept here.
        std::optional<std::uint32_t> tailRow;
        SelectParams select; ///< resolved
        /// What an earlier run has written, to compare with instead; outlives the recorder. Null: nothing.
        BegunTrace* begun = nullptr;
    };

    /// `writer` may be null (nothing is written, only counted); it outlives the recorder.
    LayerRecorder(TraceWriter* writer, Options options);

    Result<void> onLayer(int layer, std::vector<HeadObservation>&& heads) override;

    /// From now on layers are the teacher-forced tail: they are joined to what came before `tailRow`.
    void beginTail() { m_inTail = true; }

    /// The tail's finished heads, for TraceWriter::rewriteTail.
    std::vector<TraceWriter::FinishedHead> takeTail() { return std::move(m_tail); }

    /// Adds up the totals over all heads seen (the joined ones after a tail).
    void summarise(RunReport& report) const;

    /// The heaviest keys of one row in every head, if it was recorded.
    std::vector<TokenRow> tokenRows(std::uint32_t row) const;

    double writeSeconds() const { return m_writeSeconds; }

private:
    /// What is remembered of a head after its layer was written.
    struct Head {
        std::optional<HeadSums> beforeTail; ///< of the rows before it
        ProbePlan probePlan; ///< likewise
        std::vector<ProbeRow> probes;
        HeadStatistics statistics;
        PairCounts pairs;
        std::vector<std::uint32_t> sinks; ///< of the prompt's rows
        std::vector<TokenRow> tokenRows;
        HeadKind kind = HeadKind::Global;
        Normaliser normaliser = Normaliser::Exact;
        std::uint32_t rows = 0;
    };

    TraceWriter::FinishedHead finishHead(HeadObservation&& observation);
    void joinTail(HeadObservation&& observation);
    /// What both have in common: the head's numbers, and its record for the trace.
    TraceWriter::FinishedHead finished(Head& head, const HeadSums& sums, HeadObservation&& observation) const;

    TraceWriter* m_writer;
    Options m_options;
    bool m_inTail = false;
    std::map<HeadId, Head> m_heads;
    std::vector<TraceWriter::FinishedHead> m_tail;
    double m_writeSeconds = 0;
};

} // namespace headwater
