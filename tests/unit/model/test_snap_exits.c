/* Shows: a snapshot knows nothing of its exits until it is told, keeps what it was told last, and gives it back when it
 * goes. */
#include "help.h"
#include "model/exit.h"

static void told(void **state)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = snap();
        pic__exit_facts facts = { .at = { { 0 } } };
        int i;

        (void)state;
        assert_int_equal(pic__snap_exits(s)->at[255].down, 0);
        for (i = 0; i < 2; i++) {
                facts.at[255].down = 1;
                facts.at[1].remote = pic__strdup("[2001:db8::1]:51820");
                assert_int_equal(pic__snap_tell_exits(s, &facts, NULL), 0);
                assert_int_equal(facts.at[255].down, 0);
                assert_int_equal(pic__snap_exits(s)->at[255].down, 1);
                assert_string_equal(pic__snap_exits(s)->at[1].remote, "[2001:db8::1]:51820");
        }
}

static int tell(void *data)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        pic__exit_facts facts = { .at = { { 0 } } };
        int r = pic__snap_new(&s, NULL);

        (void)data;
        return r < 0 ? r : pic__snap_tell_exits(s, &facts, NULL);
}

static void without_memory(void **state)
{
        (void)state;
        out_of_memory(tell, NULL);
}

RUN(T(told), T(without_memory))
