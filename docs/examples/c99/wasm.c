/* Memory and a function for JavaScript:
 * clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry wasm.c scorp_digits.c -o digits.wasm
 */
#include "scorp_digits.h"

static uint32_t arena[SCORP_DIGITS_ARENA / 4];
static uint8_t image[SCORP_DIGITS_HEIGHT * SCORP_DIGITS_WIDTH];

__attribute__((export_name("draw"))) const uint8_t *draw(uint64_t seed, uint64_t index, int label)
{
    return scorp_digits_draw(arena, seed, index, label, 0, image) == 0 ? image : 0;
}

/* The compiler may call these, and WebAssembly has no C library. */
void *memset(void *bytes, int value, unsigned long size);
void *memset(void *bytes, int value, unsigned long size)
{
    for (volatile uint8_t *byte = bytes; size > 0; size--)
        *byte++ = (uint8_t)value;
    return bytes;
}

void *memcpy(void *restrict bytes, const void *restrict source, unsigned long size);
void *memcpy(void *restrict bytes, const void *restrict source, unsigned long size)
{
    volatile uint8_t *byte = bytes;
    for (const uint8_t *other = source; size > 0; size--)
        *byte++ = *other++;
    return bytes;
}
