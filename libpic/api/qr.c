/* Owns: QR codes as text, PNG and SVG. The code holds a private key: what is drawn into is wiped.
 *
 * Always dark modules on light ground. In a picture with a quiet zone of four, as ISO/IEC 18004 wants it. On a terminal
 * with one of two, which every phone reads: a usual configuration then fits into 80 columns, and a code whose lines are
 * broken can be read by none. A terminal needs colours said aloud (black on white), because nobody knows whether it is
 * dark or light. */
#include <errno.h>
#include <png.h>
#include <qrencode.h>
#include <string.h>

#include "api/api.h"

#define QUIET 4
#define QUIET_TEXT 2
#define SCALE 8 /* pixels a module in PNG */

static int is_dark(const QRcode *q, int quiet, int x, int y)
{
        x -= quiet;
        y -= quiet;
        if (x < 0 || y < 0 || x >= q->width || y >= q->width)
                return 0;
        return q->data[y * q->width + x] & 1;
}

static int side(const QRcode *q)
{
        return q->width + 2 * QUIET;
}

/* Two rows a line by half blocks; the glyph paints the dark half. Without colours the glyph paints the light half, for
 * a dark terminal. */
static void draw_text(const QRcode *q, int colours, pic__buf *out)
{
        static const char *const glyphs[] = { " ", "\u2580", "\u2584", "\u2588" };
        int wide = q->width + 2 * QUIET_TEXT, x, y;

        for (y = 0; y < wide; y += 2) {
                if (colours)
                        pic__buf_puts(out, "\x1b[30;107m");
                for (x = 0; x < wide; x++) {
                        int top = is_dark(q, QUIET_TEXT, x, y), bottom = is_dark(q, QUIET_TEXT, x, y + 1);

                        if (!colours) {
                                top = !top;
                                bottom = !bottom && y + 1 < wide;
                        }
                        pic__buf_puts(out, glyphs[top + 2 * bottom]);
                }
                pic__buf_puts(out, colours ? "\x1b[0m\n" : "\n");
        }
}

static void draw_svg(const QRcode *q, pic__buf *out)
{
        int x, y;

        pic__buf_putf(out,
                      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
                      "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path fill=\"#000\" d=\"",
                      side(q), side(q), side(q), side(q));
        for (y = 0; y < side(q); y++) {
                for (x = 0; x < side(q); x++) {
                        int run = 0;

                        while (is_dark(q, QUIET, x + run, y))
                                run++;
                        if (run > 0)
                                pic__buf_putf(out, "M%d %dh%dv1h-%dz", x, y, run, run);
                        x += run;
                }
        }
        pic__buf_puts(out, "\"/></svg>\n");
}

/* ---- PNG ---- */

static void png_put(png_structp png, png_bytep data, png_size_t len)
{
        pic__buf_put(png_get_io_ptr(png), data, len);
}

static void png_flush_nothing(png_structp png)
{
        (void)png;
}

/* libpng's own handlers print. */
static void png_failed(png_structp png, png_const_charp message)
{
        (void)message;
        png_longjmp(png, 1);
}

static void png_warned(png_structp png, png_const_charp message)
{
        (void)png;
        (void)message;
}

static void draw_row(const QRcode *q, int y, unsigned char *row, size_t len)
{
        int x, i;

        memset(row, 0xff, len);
        for (x = 0; x < side(q); x++)
                for (i = x * SCALE; is_dark(q, QUIET, x, y) && i < (x + 1) * SCALE; i++)
                        row[i / 8] = (unsigned char)(row[i / 8] & ~(0x80 >> (i % 8)));
}

/* libpng leaves by longjmp when it fails; nothing of ours is held by this frame. */
static int png_write(png_structp png, png_infop info, const QRcode *q, unsigned char *row, size_t len)
{
        png_uint_32 size = (png_uint_32)(side(q) * SCALE);
        int y, i;

        if (setjmp(png_jmpbuf(png)))
                return -1;
        png_set_IHDR(png, info, size, size, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                     PNG_FILTER_TYPE_DEFAULT);
        png_write_info(png, info);
        for (y = 0; y < side(q); y++) {
                draw_row(q, y, row, len);
                for (i = 0; i < SCALE; i++)
                        png_write_row(png, row);
        }
        png_write_end(png, NULL);
        return 0;
}

static int draw_png(const QRcode *q, pic__buf *out)
{
        size_t len = (size_t)side(q) * SCALE / 8 + 1;
        unsigned char *row = pic__alloc(len);
        png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, png_failed, png_warned);
        png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
        int r = -1;

        if (row != NULL && info != NULL) {
                png_set_write_fn(png, out, png_put, png_flush_nothing);
                r = png_write(png, info, q, row, len);
        }
        png_destroy_write_struct(&png, &info);
        if (row != NULL)
                explicit_bzero(row, len);
        pic__free(row);
        return r;
}

static int draw(const QRcode *q, int format, pic__buf *out)
{
        if (format == PIC_QR_PNG)
                return draw_png(q, out);
        if (format == PIC_QR_SVG)
                draw_svg(q, out);
        else
                draw_text(q, format == PIC_QR_TEXT, out);
        return 0;
}

static int encode(const char *text, QRcode **ret, pic_error **err)
{
        size_t len = strlen(text);

        if (len == 0)
                return pic__fail(err, PIC_VALUE, "an empty text makes no QR code");
        if (len <= PIC__QR_BYTES)
                *ret = QRcode_encodeData((int)len, (const unsigned char *)text, 0, QR_ECLEVEL_L);
        else
                errno = ERANGE;
        if (*ret != NULL)
                return 0;
        if (errno == ENOMEM)
                return pic__nomem(err);
        (void)pic__fail(err, PIC_VALUE, "%zu bytes are too long for a QR code: it holds %d", len, PIC__QR_BYTES);
        pic__hint(err, "Give the device the configuration as a file.");
        return PIC_VALUE;
}

int pic_qr_make(const char *text, int format, pic_blob **ret_image, pic_error **err)
{
        pic__auto_wipe pic__buf out = PIC__BUF_SECRET;
        QRcode *q = NULL;
        int r;

        if (text == NULL || ret_image == NULL || format < PIC_QR_TEXT || format > PIC_QR_PLAIN)
                return pic__api_bad(err, "pic_qr_make", "text, format or ret_image is not valid");
        r = encode(text, &q, err);
        if (q == NULL)
                return r;
        if (draw(q, format, &out) < 0 || out.failed)
                r = pic__nomem(err);
        else
                r = pic__blob_new(out.data, out.len, ret_image, err);
        explicit_bzero(q->data, (size_t)q->width * (size_t)q->width);
        QRcode_free(q);
        return r;
}
