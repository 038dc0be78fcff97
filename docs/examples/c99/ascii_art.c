/* Draws a digit as text: cc ascii_art.c scorp_digits.c && ./a.out [label] [index] */
#include <stdio.h>
#include <stdlib.h>

#include "scorp_digits.h"

static uint32_t arena[SCORP_DIGITS_ARENA / 4];

int main(int count, char **arguments)
{
    static uint8_t image[SCORP_DIGITS_HEIGHT][SCORP_DIGITS_WIDTH];
    const int label = count > 1 ? atoi(arguments[1]) : 7;
    const uint64_t index = count > 2 ? strtoul(arguments[2], NULL, 10) : 0;

    if (scorp_digits_draw(arena, 1, index, label, NULL, image[0]) != 0) {
        fprintf(stderr, "the label must be a number from 0 to %d\n", SCORP_DIGITS_CLASSES - 1);
        return 2;
    }
    for (int row = 0; row < SCORP_DIGITS_HEIGHT; row++) {
        for (int column = 0; column < SCORP_DIGITS_WIDTH; column++)
            putchar(" .:-=+*%@#"[image[row][column] / 26]);
        putchar('\n');
    }
    return 0;
}
