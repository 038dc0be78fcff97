// An Arduino sketch that draws a new digit every second. Save it as digits.ino, next to the two files of the model.
// The functions between the lines are those of the Arduino core; any other framework has the like of them.
#include "scorp_digits.h"

// ----
void show(int row, int column, uint8_t ink); // sets a pixel of your display
void pause_ms(unsigned milliseconds);        // delay()
// ----

static uint32_t arena[SCORP_DIGITS_ARENA / 4];
static uint8_t image[SCORP_DIGITS_HEIGHT * SCORP_DIGITS_WIDTH];
static uint64_t count = 0;

extern "C" void setup() {}

extern "C" void loop()
{
    const int label = scorp_digits_label(1, count);
    scorp_digits_draw(arena, 1, count++, label, nullptr, image);
    for (int row = 0; row < SCORP_DIGITS_HEIGHT; row++)
        for (int column = 0; column < SCORP_DIGITS_WIDTH; column++)
            show(row, column, image[row * SCORP_DIGITS_WIDTH + column]);
    pause_ms(1000);
}
