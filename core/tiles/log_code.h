// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/log_code.h"
