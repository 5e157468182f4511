// SPDX-License-Identifier: Apache-2.0
// The one source of the target that compiles the precompiled header.
