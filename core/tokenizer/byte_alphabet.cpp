// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/byte_alphabet.h"

#include <array>
#include <unordered_map>

namespace headwater {
namespace {

bool isItself(unsigned byte)
{
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
    std::array<std::string, 256> characters; ///< one- and two-byte UTF-8
    std::unordered_map<std::string_view, std::uint8_t> bytes;

    Alphabet()
    {
        unsigned next = 0x100;
        for (unsigned byte = 0; byte < 256; ++byte) {
            const unsigned code = isItself(byte) ? byte : next++;
            std::string& character = characters[byte];
            if (code < 0x80) {
                character += static_cast<char>(code);
            } else {
                character += static_cast<char>(0xC0 | code >> 6);
                character += static_cast<char>(0x80 | (code & 0x3F));
            }
        }
        for (unsigned byte = 0; byte < 256; ++byte)
            bytes.emplace(characters[byte], static_cast<std::uint8_t>(byte));
    }
};

const Alphabet& alphabet()
{
    static const Alphabet instance;
    return instance;
}

} // namespace

std::string_view characterOfByte(std::uint8_t byte)
{
    return alphabet().characters[byte];
}

std::string bytesOfSpelling(std::string_view spelling)
{
    const Alphabet& table = alphabet();
    std::string bytes;
    for (std::size_t i = 0; i < spelling.size();) {
        std::size_t length = 1;
        while (i + length < spelling.size()
               && (static_cast<unsigned char>(spelling[i + length]) & 0xC0) == 0x80)
            ++length;
        const std::string_view character = spelling.substr(i, length);
        const auto found = table.bytes.find(character);
        if (found == table.bytes.end())
            bytes += character;
        else
            bytes += static_cast<char>(found->second);
        i += length;
    }
    return bytes;
}

} // namespace headwater
