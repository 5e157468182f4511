# SPDX-License-Identifier: Apache-2.0
"""Read Headwater traces (*.hwt) with numpy and the standard library alone.

    import headwater
    with headwater.open_trace("run.hwt") as trace:
        head = trace.edges(layer=12, head=5)   # CSR over query blocks x key blocks
        head.mass, head.peak, head.peak_query, head.peak_key
        head.to_scipy()                        # scipy.sparse.csr_array, if scipy is there
        trace.rows(12, 5).missed               # per token row: lse, missed, missed_peak
        trace.token_text(100), trace.token_rows(4095)
        p = trace.predictions()                # per token: log-probability; per row: five likeliest next tokens
        p.of, p.perplexity, p.logprob[100], p.word(p.next_ids[99, 0])

A trace is one SQLite database; its fields are zstd streams, read here through libzstd.so.1 (ctypes). With libxxhash.so.0 the
hash of every row that is read is checked as well. The format is described in docs/trace_format.md.

Numbers may be integers of any kind, numpy's too. What a trace does not hold, and a file that is damaged, is a TraceError. A
trace may be read from several threads (one read at a time); another process opens it for itself. What one call gives is of
one moment; a head that a run has written again since (with its answer, at its end) is a TraceError: open the trace again.
"""

import contextlib
import ctypes
import ctypes.util
import json
import operator
import os
import sqlite3
import threading
import urllib.parse

import numpy as np

APPLICATION_ID = 0x48575452  # "HWTR"
MAJOR = 1
MAX_ARRAY_BYTES = 256 << 20

_DTYPES = {
    "u8": "<u1", "i8": "<i1", "json": "<u1", "u16": "<u2", "i16": "<i2", "f16": "<f2", "u32": "<u4", "i32": "<i4",
    "f32": "<f4", "u64": "<u8", "i64": "<i8", "f64": "<f8",
}
# Fields of a chunk: dtype, and what their elements count.
_FIELDS = {
    "row_ptr": ("<u4", "query_blocks"), "key_block": ("<u4", "edges"), "mass": ("<f2", "edges"), "peak": ("<f2", "edges"),
    "peak_at": ("<u2", "edges"), "lse": ("<f4", "rows"), "missed": ("<f2", "rows"), "missed_peak": ("<f2", "rows"),
    "column_mass": ("<f4", "columns"),
}


class TraceError(Exception):
    """The file is no trace, is damaged, or does not hold what was asked for."""


def _load(name, soname):
    for candidate in (soname, ctypes.util.find_library(name)):
        if not candidate:
            continue
        try:
            return ctypes.CDLL(candidate)
        except OSError:
            continue
    return None


class _Zstd:
    """Bounded decoding of single zstd frames."""

    def __init__(self):
        self.library = _load("zstd", "libzstd.so.1")
        if self.library is None:
            raise TraceError("libzstd.so.1 is missing: install libzstd1 (Debian, Ubuntu) or zstd (conda, Homebrew)")
        size = ctypes.c_size_t
        self.library.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
        self.library.ZSTD_getFrameContentSize.argtypes = [ctypes.c_char_p, size]
        self.library.ZSTD_decompress.restype = size
        self.library.ZSTD_decompress.argtypes = [ctypes.c_void_p, size, ctypes.c_char_p, size]
        self.library.ZSTD_isError.argtypes = [size]

    def decode(self, stored, raw_bytes, where):
        content = self.library.ZSTD_getFrameContentSize(stored, len(stored))
        if content != raw_bytes:
            raise TraceError(f"{where}: the zstd frame states {content} bytes, expected {raw_bytes}")
        if raw_bytes > MAX_ARRAY_BYTES or raw_bytes // 32768 > len(stored):
            raise TraceError(f"{where}: {len(stored)} stored bytes cannot hold {raw_bytes}")
        raw = np.empty(raw_bytes, np.uint8)
        got = self.library.ZSTD_decompress(raw.ctypes.data, raw_bytes, stored, len(stored))
        if self.library.ZSTD_isError(got) or got != raw_bytes:
            raise TraceError(f"{where}: the zstd frame is damaged")
        return raw


class _RowHash:
    """xxh3-64 over a table row, as docs/trace_format.md has it; None where libxxhash is not installed."""

    def __init__(self):
        self.library = _load("xxhash", "libxxhash.so.0")
        if self.library is not None:
            self.library.XXH3_64bits_withSeed.restype = ctypes.c_uint64
            self.library.XXH3_64bits_withSeed.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]

    def _hash(self, data, seed):
        return self.library.XXH3_64bits_withSeed(data, len(data), seed & (2**64 - 1))

    def check(self, table, row, hash_column, where):
        if self.library is None:
            return
        if not isinstance(row[hash_column], int):
            raise TraceError(f"{where}: damaged (its xxh3 is no integer)")
        value = self._hash(table.encode(), 0)
        for column, cell in enumerate(row):
            if column == hash_column:
                continue
            if cell is None:
                value = self._hash(b"", value)
            elif isinstance(cell, int):
                value = self._hash(cell.to_bytes(8, "little", signed=True), value + 1)
            elif isinstance(cell, float):
                value = self._hash(np.float64(cell).tobytes(), value + 2)
            elif isinstance(cell, str):
                value = self._hash(cell.encode(), value + 3)
            else:
                value = self._hash(bytes(cell), value + 4)
        if value != row[hash_column] & (2**64 - 1):
            raise TraceError(f"{where}: damaged (its xxh3 is {value:016x})")


def _unshuffle(raw, codec, where):
    """Bytes of whole elements again from the codec's byte planes."""
    if codec == "zstd":
        return raw
    width = {"shuffle2+zstd": 2, "shuffle4+zstd": 4, "delta4+shuffle4+zstd": 4}.get(codec)
    if width is None or raw.size % width:
        raise TraceError(f"{where}: codec '{codec}' is not known")
    elements = np.ascontiguousarray(raw.reshape(width, -1).T)
    if codec.startswith("delta4"):
        return np.cumsum(elements.view("<u4").reshape(-1), dtype=np.uint32).view(np.uint8)
    return elements.reshape(-1)


class Edges:
    """One head's kept blocks: CSR over query blocks.

    row_ptr [query blocks + 1] i8, key_block [edges] u4, mass and peak [edges] f4 (stored as binary16),
    peak_query and peak_key [edges] u4: the tokens of the largest single probability.
    """

    def __init__(self, block_q, block_k, seq_len, row_ptr, key_block, mass, peak, peak_at):
        self.block_q, self.block_k, self.seq_len = block_q, block_k, seq_len
        self.row_ptr, self.key_block = row_ptr, key_block
        self.mass, self.peak = mass.astype(np.float32), peak.astype(np.float32)
        self.query_block = np.repeat(np.arange(len(row_ptr) - 1, dtype=np.uint32), np.diff(row_ptr))
        self.peak_query = self.query_block * np.uint32(block_q) + (peak_at >> 8)
        self.peak_key = key_block * np.uint32(block_k) + (peak_at & 0xFF)

    @property
    def shape(self):
        return (-(-self.seq_len // self.block_q), -(-self.seq_len // self.block_k))

    def to_scipy(self, values="mass"):
        """scipy.sparse.csr_array of `values` ("mass" or "peak"), query blocks x key blocks."""
        from scipy import sparse
        if values not in ("mass", "peak"):
            raise ValueError(f"values is 'mass' or 'peak', not {values!r}")
        data = self.mass if values == "mass" else self.peak
        return sparse.csr_array((data, self.key_block.astype(np.int32), self.row_ptr), shape=self.shape)


class Rows:
    """One head's values per token row [tokens] f4; NaN where unknown. missed_peak is an upper bound."""

    def __init__(self, lse, missed, missed_peak):
        self.lse, self.missed, self.missed_peak = lse, missed.astype(np.float32), missed_peak.astype(np.float32)


class Predictions:
    """What every row gives to the token after it, as natural logarithms of probabilities over the whole vocabulary.

    of: "model", or "sparse_forward" (a propagated run), of the rows [0, prompt_tokens); the rows from there on are those of
    generated tokens as they were decoded. logprob [tokens] f4: what token t had from row t - 1; NaN for the first.
    next_ids i4 and next_logprob f4 [tokens, 5]: the row's likeliest tokens, falling; -1 and NaN beyond the vocabulary's end.
    traced_next_ids and traced_next_logprob [tokens - prompt_tokens]: the first choice, in the place of each generated token,
    of the rows that were forwarded once more for the map.
    """

    def __init__(self, meta, logprob, next_ids, next_logprob, traced_next_ids, traced_next_logprob, words):
        self.of, self.prompt_tokens = meta["prompt"], meta["prompt_tokens"]
        self.logprob, self.next_ids, self.next_logprob = logprob, next_ids, next_logprob
        self.traced_next_ids, self.traced_next_logprob = traced_next_ids, traced_next_logprob
        self._words = words

    @property
    def mean_loss(self):
        """Mean of -logprob over the prompt's tokens but the first, in nat; NaN where there is none."""
        losses = -self.logprob[1:self.prompt_tokens].astype(np.float64)
        return float(losses.mean()) if losses.size else float("nan")

    @property
    def perplexity(self):
        return float(np.exp(self.mean_loss))

    def word(self, token_id):
        """A likely token's bytes as str (what is not UTF-8 is replaced); TraceError where it is in no row's likeliest."""
        try:
            return self._words[operator.index(token_id)].decode("utf-8", "replace")
        except KeyError:
            raise TraceError(f"token id {token_id} is not among the likeliest of any row") from None


class Trace:
    """A trace opened read-only. `meta` is its meta table, `heads` a list of dicts of its head table."""

    def __init__(self, path):
        self.path = os.fsdecode(path)
        if not os.path.isfile(self.path):
            raise TraceError(f"{self.path}: no such file")
        with open(self.path, "rb") as file:
            header = file.read(100)
        if len(header) < 100 or header[:16] != b"SQLite format 3\0":
            raise TraceError(f"{self.path}: is no trace")
        is_lone = (header[18] == 2 and not os.path.exists(self.path + "-wal")) or os.path.exists(self.path + "-journal")
        self._zstd = _Zstd()
        self._hash = _RowHash()
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._db = sqlite3.connect("file:" + urllib.parse.quote(os.fsencode(os.path.abspath(self.path)))
                                   + ("?mode=ro&immutable=1" if is_lone else "?mode=ro"), uri=True,
                                   check_same_thread=False)
        try:
            if is_lone and not self._is_whole():
                raise TraceError(f"{self.path}: was still being written when its run ended, and its companion "
                                 f"{os.path.basename(self.path)}-wal is missing: keep both files together")
            with self._one_moment():
                self._read_tables()
        except TraceError:
            self.close()
            raise
        except (ValueError, TypeError, LookupError, ArithmeticError, MemoryError) as error:
            self.close()  # without libxxhash nothing else says that these tables are no longer what was written
            raise TraceError(f"{self.path}: is damaged: {error}") from error

    def _query(self, sql, values=()):
        """All rows of a query. Every read goes through here: one at a time, in the process that opened the trace."""
        if os.getpid() != self._process:
            raise TraceError(f"{self.path}: was opened by another process: open it again in this one")
        with self._lock:
            if self._db is None:
                raise TraceError(f"{self.path}: is closed")
            try:
                return self._db.execute(sql, values).fetchall()
            except OverflowError:
                return []  # no column holds a number as large
            except (sqlite3.Error, UnicodeError) as error:
                raise TraceError(f"{self.path}: {error}") from error

    @contextlib.contextmanager
    def _one_moment(self):
        """All that is read inside is of one moment: a run that goes on may write between two queries."""
        with self._lock:
            self._query("BEGIN")
            try:
                yield
            finally:
                if self._db.in_transaction:
                    self._query("COMMIT")

    @contextlib.contextmanager
    def _head_now(self, layer, head):
        """The head table's row, for reading its chunks inside; TraceError where it is no longer the one that was opened."""
        info = self.head(layer, head)
        layer, head = info["layer"], info["head"]
        with self._one_moment():
            found = self._query("SELECT xxh3 FROM head WHERE layer=? AND head=?", (layer, head))
            if found != [(self._head_hashes[layer, head],)]:
                raise TraceError(f"{self.path}: layer {layer}, head {head} has changed since the trace was opened: open it again")
            yield info

    def _is_whole(self):
        """True when a file without its -wal holds the rows that its writer counted in the end."""
        if not self._query("SELECT 1 FROM sqlite_master WHERE name='seal'"):
            return False
        counted = self._query("SELECT rows FROM seal")
        tables = ("meta", "array", "head", "chunk", "row", "overview")
        return counted == [(sum(self._query(f"SELECT count(*) FROM {name}")[0][0] for name in tables),)]

    def _read_tables(self):
        self._query("PRAGMA trusted_schema=OFF")
        self._query("PRAGMA cell_size_check=ON")
        ((application,),) = self._query("PRAGMA application_id")
        ((version,),) = self._query("PRAGMA user_version")
        if application != APPLICATION_ID:
            raise TraceError(f"{self.path}: is no trace")
        self.minor = version % 1000
        if version // 1000 != MAJOR:
            raise TraceError(f"{self.path}: format {version // 1000}.{version % 1000}, this reads {MAJOR}.x")
        kinds = {kind for (kind,) in self._query("SELECT type FROM sqlite_master")}
        if kinds - {"table", "index"}:
            raise TraceError(f"{self.path}: traces have no {sorted(kinds - {'table', 'index'})}")
        self.meta = {}
        for row in self._query("SELECT key, value, xxh3 FROM meta"):
            self._hash.check("meta", row, 2, f"{self.path}: meta key '{row[0]}'")
            self.meta[row[0]] = json.loads(row[1])
        names = [column[1] for column in self._query("PRAGMA table_info(head)")]
        self.heads, self._head_hashes = [], {}
        for row in self._query("SELECT * FROM head ORDER BY layer, head"):
            self._hash.check("head", row, names.index("xxh3"), f"{self.path}: layer {row[0]}, head {row[1]}")
            head = dict(zip(names, row))
            head["stats"] = json.loads(head["stats"])
            head["sinks"] = np.frombuffer(head["sinks"], "<u4")
            self._head_hashes[head["layer"], head["head"]] = head.pop("xxh3")
            self.heads.append(head)
        self.text = self.array("prompt").tobytes()
        self.token_offsets = self.array("token_bytes")
        self.token_ids = self.array("token_ids")
        self.sentence_offsets = self.array("sentences")
        self.segments = self.array("segments")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with self._lock:
            if self._db is not None:
                self._db.close()
            self._db = None

    def __len__(self):
        return len(self.token_ids)

    def head(self, layer, head):
        """The head table's row; TraceError when that head is not finished."""
        layer, head = operator.index(layer), operator.index(head)
        for info in self.heads:
            if info["layer"] == layer and info["head"] == head:
                return info
        raise TraceError(f"{self.path}: layer {layer}, head {head} is not in the trace")

    def _token(self, token):
        """`token` as an int; TraceError when the trace has no such token."""
        token = operator.index(token)
        if not 0 <= token < len(self):
            raise TraceError(f"{self.path}: token {token} is not in the trace, which has {len(self)}")
        return token

    def token_text(self, token):
        """The bytes token adds to the text, as str (what is not UTF-8 is replaced). TraceError unless 0 <= token < len(trace)."""
        token = self._token(token)
        begin, end = self.token_offsets[token], self.token_offsets[token + 1]
        return self.text[begin:end].decode("utf-8", "replace")

    def array(self, name):
        """A named array, in its dtype and shape; one of JSON decoded."""
        where = f"{self.path}: array '{name}'"
        found = self._query("SELECT * FROM array WHERE name=?", (str(name),))
        if not found:
            raise TraceError(f"{where}: the trace has no such array")
        (row,) = found
        self._hash.check("array", row, 4, where)
        _, dtype, shape, codec, _, data = row
        shape = self._json(shape, where)
        if dtype not in _DTYPES:
            raise TraceError(f"{where}: dtype '{dtype}' is not known")
        is_json = dtype == "json"
        dtype = np.dtype(_DTYPES[dtype])
        count = 1
        for extent in shape:
            count *= extent
        raw = _unshuffle(self._zstd.decode(data, count * dtype.itemsize, where), codec, where)
        if is_json:
            return self._json(raw.tobytes(), where)
        return raw.view(dtype).reshape(shape)

    @staticmethod
    def _json(text, where):
        try:
            return json.loads(text)
        except (ValueError, TypeError, RecursionError) as error:
            raise TraceError(f"{where}: is damaged: {error}") from error

    def _field(self, info, first_row, rows, edges, field):
        dtype, counts = _FIELDS[field]
        where = f"{self.path}: layer {info['layer']}, head {info['head']}, chunk at row {first_row}, field {field}"
        found = self._query("SELECT * FROM chunk WHERE layer=? AND head=? AND first_row=? AND field=?",
                            (info["layer"], info["head"], first_row, field))
        if not found:
            raise TraceError(f"{where}: is missing")
        (row,) = found
        self._hash.check("chunk", row, 7, where)
        count = {"query_blocks": -(-rows // info["block_q"]) + 1, "edges": edges, "rows": rows,
                 "columns": -(-(first_row + rows) // self._column_tokens(info, first_row + rows))}[counts]
        raw = self._zstd.decode(row[8], count * np.dtype(dtype).itemsize, where)
        return _unshuffle(raw, row[6], where).view(dtype)

    @staticmethod
    def _column_tokens(info, end_row):
        wanted = max(1, -(-end_row // 1024))
        return max(info["block_k"], 1 << (wanted - 1).bit_length())

    def _chunks(self, info):
        if info["chunks"] == 0:
            raise TraceError(f"{self.path}: only the overviews of layer {info['layer']}, head {info['head']} are stored")
        chunks = self._query("SELECT DISTINCT first_row, rows, edges FROM chunk WHERE layer=? AND head=? ORDER BY first_row",
                             (info["layer"], info["head"]))
        end = 0
        for first_row, rows, edges in chunks:
            if not all(isinstance(number, int) for number in (first_row, rows, edges)) or first_row != end or rows < 1:
                raise TraceError(f"{self.path}: layer {info['layer']}, head {info['head']}: chunk at row {first_row}")
            end += rows
        if len(chunks) != info["chunks"] or end != info["rows"] or sum(chunk[2] for chunk in chunks) != info["edges"]:
            raise TraceError(f"{self.path}: layer {info['layer']}, head {info['head']}: its chunks do not add up")
        return chunks

    def edges(self, layer, head):
        """The kept blocks of one head (Edges)."""
        with self._head_now(layer, head) as info:
            return self._edges(info)

    def _edges(self, info):
        where = f"{self.path}: layer {info['layer']}, head {info['head']}"
        pointers, fields = [np.zeros(1, np.int64)], {name: [] for name in ("key_block", "mass", "peak", "peak_at")}
        before = 0
        for chunk in self._chunks(info):
            row_ptr = self._field(info, *chunk, "row_ptr").astype(np.int64)
            if row_ptr[0] != 0 or row_ptr[-1] != chunk[2] or np.any(np.diff(row_ptr) < 0):
                raise TraceError(f"{where}, chunk at row {chunk[0]}: row_ptr is damaged")
            pointers.append(row_ptr[1:] + before)
            before += chunk[2]
            for name, parts in fields.items():
                parts.append(self._field(info, *chunk, name))
        parts = {name: np.concatenate(parts) for name, parts in fields.items()}
        edges = Edges(info["block_q"], info["block_k"], info["rows"], np.concatenate(pointers), parts["key_block"],
                      parts["mass"], parts["peak"], parts["peak_at"])
        if np.any(edges.peak_key > edges.peak_query):
            raise TraceError(f"{where}: a peak lies in the future")
        return edges

    def rows(self, layer, head):
        """Per-row values of one head (Rows)."""
        with self._head_now(layer, head) as info:
            chunks = self._chunks(info)
            lse, missed, bound = (np.concatenate([self._field(info, *chunk, name) for chunk in chunks])
                                  for name in ("lse", "missed", "missed_peak"))
        bound = bound.astype(np.float32)
        if self.minor < 1:  # rounded to nearest then: a bound of what it came from
            bound = np.minimum(np.maximum(bound * np.float32(1 + 2**-10), bound + np.float32(2**-25)), np.float32(1))
        return Rows(lse, missed, bound)

    def recorded_rows(self):
        """The rows that are recorded token by token, ascending."""
        return [row for (row,) in self._query("SELECT DISTINCT row FROM row ORDER BY row")]

    def token_rows(self, row):
        """The heaviest keys of one row in every head: list of (layer, head, keys, probabilities), falling. TraceError when
        the row is not among `recorded_rows`: its query block (edges) is then all that the trace knows of it."""
        row = self._token(row)
        lines = self._query("SELECT * FROM row WHERE row=? ORDER BY layer", (row,))
        if not lines:
            raise TraceError(f"{self.path}: row {row} is not recorded token by token; recorded_rows() lists those that are")
        result = []
        heads_per_layer = self.array("heads_per_layer")
        for line in lines:
            _, layer, _, pairs, codec, _, keys, p = line
            where = f"{self.path}: layer {layer}, row {row}"
            self._hash.check("row", line, 5, where)
            if not 0 <= layer < len(heads_per_layer):
                raise TraceError(f"{where}: the model has no such layer")
            heads = int(heads_per_layer[layer])
            # The count of every head, then each head's keys, ascending, as differences.
            keys = _unshuffle(self._zstd.decode(keys, 4 * (heads + pairs), f"{where}: keys"), codec, where).view("<u4")
            p = _unshuffle(self._zstd.decode(p, 4 * pairs, f"{where}: p"), codec, where).view("<f4")
            ends = np.cumsum(keys[:heads], dtype=np.uint64)
            if ends[-1] != pairs or not np.all((p >= 0) & (p <= 1.0001)):
                raise TraceError(f"{where}: its counts do not add up, or a probability is outside [0, 1]")
            begin = 0
            for head, end in enumerate(map(int, ends)):
                if end > begin:
                    mine = np.cumsum(keys[heads + begin:heads + end], dtype=np.uint64)
                    if mine[-1] > row:
                        raise TraceError(f"{where}: head {head}: key {mine[-1]} is in the future")
                    order = np.argsort(-p[begin:end], kind="stable")
                    result.append((layer, head, mine[order].astype(np.uint32), p[begin:end][order]))
                begin = end
        return result

    def predictions(self):
        """What every row gives to the token after it (Predictions). TraceError when the trace holds none: its run was
        without --predictions on, or older than format 1.1."""
        if "predictions" not in self.meta:
            raise TraceError(f"{self.path}: holds no predictions; headwater run --predictions on makes them")
        where = f"{self.path}: predictions"
        meta, tokens = self.meta["predictions"], len(self)
        with self._one_moment():
            names = ("logprob", "next_ids", "next_logprob", "traced_next_ids", "traced_next_logprob", "next_word_ids",
                     "next_word_bytes", "next_words")
            arrays = {name: self.array(name) for name in names}
        if not isinstance(meta, dict) or meta.get("prompt") not in ("model", "sparse_forward") or not isinstance(
                meta.get("prompt_tokens"), int) or not 1 <= meta["prompt_tokens"] <= tokens:
            raise TraceError(f"{where}: of what they are is damaged")
        generated = tokens - meta["prompt_tokens"]
        shapes = {"logprob": (tokens,), "next_ids": (tokens, 5), "next_logprob": (tokens, 5),
                  "traced_next_ids": (generated,), "traced_next_logprob": (generated,)}
        for name, shape in shapes.items():
            if arrays[name].shape != shape:
                raise TraceError(f"{where}: array '{name}' has the shape {arrays[name].shape}, expected {shape}: "
                                 "damaged, or the run has gone on since the trace was opened")
        for name in ("logprob", "next_logprob", "traced_next_logprob"):
            if np.any(arrays[name] > 0) or np.any(np.isinf(arrays[name])):
                raise TraceError(f"{where}: array '{name}' holds what is no logarithm of a probability")
        ids, offsets, words = arrays["next_word_ids"], arrays["next_word_bytes"].astype(np.int64), arrays["next_words"].tobytes()
        if len(offsets) != len(ids) + 1 or np.any(np.diff(offsets) < 0) or offsets[-1] > len(words):
            raise TraceError(f"{where}: array 'next_word_bytes' is damaged")
        text = {int(token): words[begin:end] for token, begin, end in zip(ids, offsets[:-1], offsets[1:])}
        return Predictions(meta, *(arrays[name] for name in shapes), text)

    def content(self, layer, head):
        """Codes [side, side] of the smallest overview's cells: the mean, over a cell's rows, of what they give to its keys
        outside token 0, the diagonal and the recent block. TraceError in traces before format 1.1."""
        with self._head_now(layer, head) as info:
            return self.array(f"content/{info['layer']}/{info['head']}")

    def overview(self, layer, head, side):
        """(level, max codes [side, side], count codes [side, side], missed codes [side])."""
        layer, head, side = map(operator.index, (layer, head, side))
        where = f"{self.path}: layer {layer}, head {head}, overview of side {side}"
        with self._head_now(layer, head):
            found = self._query("SELECT * FROM overview WHERE side=? AND layer=? AND head=?", (side, layer, head))
        if not found:
            raise TraceError(f"{where}: is not in the trace")
        (row,) = found
        self._hash.check("overview", row, 5, where)
        raw = self._zstd.decode(row[6], 2 * side * side + side, where)
        cells = side * side
        return (row[3], raw[:cells].reshape(side, side), raw[cells:2 * cells].reshape(side, side), raw[2 * cells:])


def open_trace(path):
    """Opens PATH read-only; a trace that is still being written shows the layers committed so far."""
    return Trace(path)
