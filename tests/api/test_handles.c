/* Shows: no call crashes on NULL or on a handle of another kind; each answers PIC_INVALID, or nothing; error texts name
 * the call. */
#include "world.h"

static int calls;

static void invalid(int r, pic_error **err, const char *name)
{
        calls++;
        if (r != PIC_INVALID || pic_error_code(*err) != PIC_INVALID)
                fail_msg("%s: %s", name, pic_code_name(r));
        if (strstr(pic_error_message(*err), "pic_") == NULL)
                fail_msg("%s: the message does not name the call: %s", name, pic_error_message(*err));
        pic_error_free(*err);
        *err = NULL;
}
#define bad(call) invalid((call), &err, #call)

/* `odd` is a handle of another kind than the call wants. */
static void all_calls(void *odd)
{
        static const char *const fields[] = { "name", "x", NULL };
        pic_error *err = NULL;
        pic_obj *obj = NULL;
        pic_list *list = NULL;
        pic_edit *edit = NULL;
        pic_plan *plan = NULL;
        pic_outcome *outcome = NULL;
        pic_sub *sub = NULL;
        pic_event *event = NULL;
        pic_history *history = NULL;
        pic_revision revision = 0;
        pic_report *report = NULL;
        pic_blob *blob = NULL;

        bad(pic_cell_init(odd, fields, NULL, &err));
        bad(pic_get(odd, "peer", "x", &obj, &err));
        bad(pic_list_get(odd, "peer", &list, &err));
        bad(pic_edit_new(odd, &edit, &err));
        bad(pic_edit_add(odd, "peer", "x", &err));
        bad(pic_edit_set(odd, "peer", "x", "note", "y", &err));
        bad(pic_edit_unset(odd, "peer", "x", "note", &err));
        bad(pic_edit_remove(odd, "peer", "x", &err));
        bad(pic_edit_rekey(odd, "x", &err));
        bad(pic_edit_load(odd, "{}", 2, "x", 0, &err));
        bad(pic_edit_plan(odd, &plan, &err));
        bad(pic_edit_commit(odd, 0, &outcome, &err));
        bad(pic_plan_get(odd, 0, &plan, &err));
        bad(pic_peer_config(odd, "x", &blob, &err));
        bad(pic_peer_qr(odd, "x", 0, &blob, &err));
        bad(pic_qr_make(NULL, 0, &blob, &err));
        bad(pic_status_get(odd, 0, &report, &err));
        bad(pic_doctor_run(odd, &report, &err));
        bad(pic_drift_get(odd, 0, &report, &err));
        bad(pic_why_get(odd, "x", "y", 0, &report, &err));
        bad(pic_export_get(odd, 0, &report, &err));
        bad(pic_audit_head(odd, &report, &err));
        bad(pic_audit_verify(odd, NULL, &report, &err));
        bad(pic_audit_get(odd, 1, 0, &report, &err));
        bad(pic_audit_export(odd, 1, 0, NULL, &err));
        bad(pic_audit_note(odd, "login", "x", &err));
        bad(pic_edit_undo(odd, 1, &err));
        bad(pic_edit_return(odd, 1, &err));
        bad(pic_edit_override(odd, "because", &err));
        bad(pic_confirm(odd, &err));
        bad(pic_history_get(odd, NULL, &history, &err));
        bad(pic_revision_at(odd, 1, &revision, &err));
        bad(pic_export_at(odd, 1, 0, &report, &err));
        bad(pic_diff_get(odd, 1, 2, &plan, &err));
        bad(pic_log_get(odd, NULL, 0, &report, &err));
        bad(pic_sub_open(odd, 0, &sub, &err));
        bad(pic_sub_next(odd, 0, &event, &err));
        bad(pic_agent_run(odd, NULL, &err));
        bad(pic_agent_down(odd, 0, &err));
        pic_edit_if_revision(odd, 1);
        pic_edit_confirm_within(odd, 1);
}

static void readers(void *odd)
{
        assert_null(pic_edit_json(odd));
        assert_int_equal(pic_list_count(odd), 0);
        assert_null(pic_list_at(odd, 0));
        assert_null(pic_list_json(odd));
        assert_string_equal(pic_obj_kind(odd), "");
        assert_string_equal(pic_obj_name(odd), "");
        assert_int_equal(pic_obj_id(odd), 0);
        assert_int_equal(pic_obj_revision(odd), 0);
        assert_null(pic_obj_get(odd, "name"));
        assert_null(pic_obj_json(odd));
        assert_null(pic_obj_ref(odd));
        assert_int_equal(pic_plan_count(odd), 0);
        assert_null(pic_plan_text(odd, 0));
        assert_string_equal(pic_plan_json(odd), "{}");
        assert_int_equal(pic_outcome_revision(odd), 0);
        assert_null(pic_outcome_error(odd));
        assert_string_equal(pic_outcome_json(odd), "{}");
        assert_int_equal(pic_sub_fd(odd), -1);
        assert_int_equal(pic_event_seq(odd), 0);
        assert_string_equal(pic_report_text(odd), "");
        assert_int_equal(pic_report_good(odd), 0);
        assert_null(pic_blob_data(odd));
        assert_int_equal(pic_blob_size(odd), 0);
}

static void releases(void *odd)
{
        assert_null(pic_ctx_unref(odd));
        assert_null(pic_list_unref(odd));
        assert_null(pic_obj_unref(odd));
        assert_null(pic_edit_unref(odd));
        assert_null(pic_plan_unref(odd));
        assert_null(pic_outcome_unref(odd));
        assert_null(pic_sub_unref(odd));
        assert_null(pic_event_unref(odd));
        assert_null(pic_report_unref(odd));
        assert_null(pic_blob_unref(odd));
}

static void wrong_handles(void **state)
{
        static struct {
                uint32_t words[16];
        } other = { { 0x12345678 } };

        (void)state;
        all_calls(NULL);
        readers(NULL);
        releases(NULL);
        all_calls(&other);
        readers(&other);
        releases(&other);
        assert_int_equal(calls, 78);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(wrong_handles) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
