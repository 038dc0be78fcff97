/* Draws the images that standard input requests and writes their pixels to standard output.
 *
 * A request is 18 + 4 * KNOBS bytes, all little-endian: seed, index (8 each), label (1), whether to read the style (1),
 * and the style as the bits of floats.
 */
#include <stdio.h>
#include <string.h>
#include MODEL_HEADER

#define PASTE(a, b) a##b
#define NAME(a, b) PASTE(a, b)
#define DRAW NAME(MODEL, _draw)

static uint32_t arena[ARENA / 4];
static uint8_t image[PIXELS];

static uint64_t number(const uint8_t *bytes, int size)
{
    uint64_t value = 0;
    while (size-- > 0)
        value = value << 8 | bytes[size];
    return value;
}

int main(void)
{
    uint8_t request[18 + 4 * KNOBS];
    while (fread(request, sizeof request, 1, stdin) == 1) {
        float style[KNOBS + 1];
        for (int knob = 0; knob < KNOBS; knob++) {
            const uint32_t bits = (uint32_t)number(request + 18 + 4 * knob, 4);
            memcpy(&style[knob], &bits, 4);
        }
        if (DRAW(arena, number(request, 8), number(request + 8, 8), request[16], request[17] ? style : 0, image) != 0)
            return 1;
        fwrite(image, 1, PIXELS, stdout);
    }
    return 0;
}
