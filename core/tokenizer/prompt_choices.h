// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace headwater {

/// `--text-tokens`: what the spelling of a control token ("<|im_end|>") in what was said is. Plain: text like
/// any other. Control: the token itself. Auto: plain inside chat turns, which it would end, and control in
/// raw text. The chat format's own control tokens are control in every case.
enum class TextTokens { Auto, Plain, Control };

/// `--thinking`: what a template with a switch for it (Qwen 3, SmolLM 3) is told. Auto: nothing, so that its
/// own default holds.
enum class Thinking { Auto, On, Off };

} // namespace headwater
