/* How a context reaches the one who acts: over the agent's socket, or, in the fake world while no agent runs, an engine
 * in this process. Closed list of verbs.
 *
 * Wire: AF_UNIX SOCK_SEQPACKET at <run>/agent.sock; one request, one answer or several (progress), JSON, at most 1 MiB;
 * larger answers come as a memfd in SCM_RIGHTS. Request {"verb":…, args}; answer {"ok":true,"result":…} or
 * {"ok":false,"error":{code,message,hint,details}}. The agent asks the kernel who called (SO_PEERCRED): root, the
 * directory's owner and members of group `pic` may call.
 *
 * verb     arguments                                         result
 * ping     -                                                 {"pid","version","revision","applied"}
 * apply    {"revision":N} (the least that must be applied)   {"applied","steps"}, or the error of the apply
 * plan     {"spare":BOOL} (false): need not read a world     {"revision","steps":[…]}
 *          in which nothing can have changed
 * repair   -                                                 {"applied","steps"}
 * drift    {"repair":BOOL} (false): and put it right         see pic_drift_get()
 * status   {"peers":BOOL} (true)                             see pic_status_get()
 * reveal   {"peer":NAME,"form":"config"|"qr","actor","way"}  {"text"}
 * doctor   -                                                 {"findings":[{"level","area","what","fix"}]}
 * logs     {"area":NAME|null,"lines":N}                      {"text"}
 * head     -                                                 {"size","rows","note","key"}: signs the audit tree's
 *                                                            head, if rows are new
 * exit-test {"name":NAME,"peer":NAME|null}                   {"name","peer","up","checks":[…]}: see
 *                                                            pic_connection_test(); comes after seconds
 * exit-restart {"name":NAME}: what carries a connection      {"restarted":true}
 *          is taken down and made anew
 * login    {"user":NAME,"proof":BASE64,"code":TEXT|null,     {"right":true}, or an error: see engine/login.h
 *           "check":BOOL,"actor","way"}
 * cert-key {"name":NAME,"actor","way"}                       {"text"}: PEM, the key too: see engine/certs.h
 * cert-renew {"name":NAME|null,"actor","way"}: one, or the   {"renewed":true}
 *          root
 * cert-state {"name":NAME|null}: of public CAs              {"certificates":[…]}: see pic_cert_state()
 * cert-crl -                                                 {"text"}: what was revoked, in PEM
 * domains  -                                                 see pic_domain_status()
 * domain-publish {"name":NAME|null}                          the same, when it was tried; comes after seconds
 * blocks   -                                                 see pic_block_status()
 * block-refresh {"name":NAME|null}                           the same, when they were fetched; comes after seconds
 * block-test {"name":NAME,"peer":NAME|null}                  see pic_block_test()
 * backups  -                                                 see pic_target_status()
 * backup-do {"what":"run"|"list"|"verify"|"drill","target":NAME|null,"name":NAME|null}  the same: it is begun
 * backup-cancel {"target":NAME|null}                          the same
 * backup-fetch {"target":NAME,"name":NAME|null,"actor"}      {"name","size","sha256"}; it is in the file that came
 *          along then; comes when it is done
 * backup-try {"passphrase":TEXT|null,"identities":[TEXT],    see pic_backup_drill(): of the backup in the file that
 *          "work_factor":N}                                  came along; comes when it is done
 * stop     {"down":BOOL,"keep_block":BOOL} (false)           {"stopped":true}; down: takes everything of ours out of
 * the machine first */
#ifndef PIC_ENGINE_LINK_H
#define PIC_ENGINE_LINK_H

#include "base/buf.h"
#include "base/err.h"
#include "engine/engine.h"

typedef struct pic__link pic__link;

/* clang-format off */
#define PIC__LINK_VERBS(X)                                                                            \
        X(PING, "ping")                                                                               \
        X(APPLY, "apply") X(PLAN, "plan") X(STATUS, "status") X(REVEAL, "reveal") X(REPAIR, "repair") \
                X(DOCTOR, "doctor") X(LOGS, "logs") X(HEAD, "head") X(STOP, "stop") X(DRIFT, "drift") X(EXIT_RESTART, "exit-restart") \
                X(EXIT_TEST, "exit-test") X(LOGIN, "login") X(CERT_KEY, "cert-key") X(CERT_RENEW, "cert-renew") \
                X(CERT_CRL, "cert-crl") X(CERT_STATE, "cert-state") X(DOMAINS, "domains") X(DOMAIN_PUBLISH, "domain-publish")
/* clang-format on */

int pic__link_socket(const char *run_dir, pic__link **ret, pic_error **err); /* does not connect yet */
int pic__link_local(
        const pic__engine_opts *opts, pic__link **ret,
        pic_error **err); /* opens an engine at the first call; a lock file lets one process at a time act */
pic__link *pic__link_unref(pic__link *l);
PIC__CLEANUP(pic__link, pic__link_unref)

/* Calls a verb. args: JSON object text or NULL. result: JSON text. PIC_NOAGENT when nobody answers (hint), PIC_TIMEOUT,
 * or what the far side said. */
int pic__link_call(pic__link *l, const char *verb, const char *args, unsigned timeout_ms, pic__buf *result,
                   pic_error **err);

/* The same with a file along, which the agent's child writes or reads; it stays the caller's. PIC_NOAGENT where none
 * runs, in the fake world too. */
int pic__link_call_along(pic__link *l, const char *verb, const char *args, int file, unsigned timeout_ms,
                         pic__buf *result, pic_error **err);

/* One request handled: shared by the agent and the local link. actor: "root", "uid 1000". 1, and an empty answer: not
 * yet, the same request is to be handled again after the next turn of the engine's watches. */
int pic__verbs_handle(pic__engine *e, const char *request, size_t len, const char *actor, pic__buf *answer);
/* The same with the file that came along; -1: none did. It is there, by that number, until there is an answer. */
int pic__verbs_handle_along(pic__engine *e, const char *request, size_t len, int file, const char *actor,
                            pic__buf *answer);

#endif
