/* SPDX-License-Identifier: MIT
 *
 * Runs a program and meddles with what it asks the system about files of the present
 * folder, or about its standard output.  Usage: inject LOG RULE PROGRAM ARGUMENT…
 *
 * RULE   CALL:N=WHAT the Nth such call, CALL:N+=WHAT and all after it,
 *        CALL%N=WHAT every Nth, none
 * CALL   open, read, write, fsync, close, rename, unlink, flock, chmod, any of these, or
 *        stat
 * WHAT   ENOSPC, EROFS, EIO, EINTR, EDQUOT, EACCES, ENOLCK: it fails so, undone;
 *        short: one byte is written or read; kill: the process ends by SIGKILL before it
 * LOG    gets a line for each such call, "write state" or "rename .nca-12-0 state", a '!'
 *        ahead where it was meddled with
 *
 * Exit status: the program's, 128 and the signal that killed it, 77 where no process may
 * be traced. */
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SKIPPED = 77, THREADS_MOST = 512 };

/* ------------------------------------------------------------------- calls */

/* Where it names files: arguments that are paths or a descriptor; -1: none. */
typedef struct Call {
    long number;
    const char *name;
    int file, path, other;
} Call;

static const Call calls[] = {
#ifdef SYS_open
    {SYS_open, "open", -1, 0, -1},
#endif
#ifdef SYS_rename
    {SYS_rename, "rename", -1, 0, 1},
#endif
#ifdef SYS_unlink
    {SYS_unlink, "unlink", -1, 0, -1},
#endif
#ifdef SYS_stat
    {SYS_stat, "stat", -1, 0, -1},
#endif
    {SYS_newfstatat, "stat", -1, 1, -1}, {SYS_openat, "open", -1, 1, -1},
    {SYS_renameat2, "rename", -1, 1, 3}, {SYS_renameat, "rename", -1, 1, 3},
    {SYS_unlinkat, "unlink", -1, 1, -1}, {SYS_read, "read", 0, -1, -1},
    {SYS_write, "write", 0, -1, -1},     {SYS_writev, "write", 0, -1, -1},
    {SYS_fsync, "fsync", 0, -1, -1},     {SYS_fdatasync, "fsync", 0, -1, -1},
    {SYS_close, "close", 0, -1, -1},     {SYS_flock, "flock", 0, -1, -1},
    {SYS_fchmod, "chmod", 0, -1, -1},
};

static const struct {
    const char *name;
    int number;
} errors[] = {
    {"ENOSPC", ENOSPC}, {"EROFS", EROFS},   {"EIO", EIO},       {"EINTR", EINTR},
    {"EDQUOT", EDQUOT}, {"EACCES", EACCES}, {"ENOLCK", ENOLCK},
};

typedef struct Rule {
    char call[16];
    long first, every; /* every 0: once; 1: all from the first on */
    int error;         /* 0: none of them */
    bool is_short, kills;
} Rule;

static bool rule_parse(Rule *r, const char *text)
{
    char what[16], sign, plus[2] = "";
    *r = (Rule){.first = 0};
    if (!strcmp(text, "none"))
        return true;
    if (sscanf(text, "%15[a-z]%c%ld%1[+]=%15s", r->call, &sign, &r->first, plus, what) !=
            5 &&
        sscanf(text, "%15[a-z]%c%ld=%15s", r->call, &sign, &r->first, what) != 4)
        return false;
    r->every = sign == '%' ? r->first : *plus == '+';
    r->is_short = !strcmp(what, "short");
    r->kills = !strcmp(what, "kill");
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (!strcmp(what, errors[i].name))
            r->error = errors[i].number;
    return r->first > 0 && (r->is_short || r->kills || r->error);
}

/* Counts the call; whether it is one to meddle with. */
static bool rule_meets(const Rule *r, const char *call)
{
    static long seen;
    bool is_any = !strcmp(r->call, "any") && strcmp(call, "stat") != 0;
    if (r->first == 0 || (!is_any && strcmp(r->call, call) != 0))
        return false;
    seen++;
    return seen == r->first ||
           (r->every && seen > r->first && (seen - r->first) % r->every == 0);
}

/* ------------------------------------------------------------------- files */

static char folder[PATH_MAX];

static void read_text(pid_t pid, uint64_t address, char *text, size_t size)
{
    size_t got = 0;
    memset(text, 0, size);
    while (got + 1 < size && !memchr(text, 0, got)) {
        size_t part = 4096 - address % 4096; /* never over the end of a page */
        part = part < size - 1 - got ? part : size - 1 - got;
        struct iovec to = {text + got, part}, from = {(void *)(uintptr_t)address, part};
        ssize_t n = process_vm_readv(pid, &to, 1, &from, 1, 0);
        if (n <= 0)
            return;
        got += (size_t)n;
        address += (uint64_t)n;
    }
}

/* The name of an open file; "stdout" for that, where it is written to. */
static void name_of_open(pid_t pid, uint64_t file, const char *call, char *name)
{
    char link[64];
    snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)pid, (int)file);
    ssize_t n = readlink(link, name, PATH_MAX - 1);
    name[n > 0 ? n : 0] = 0;
    if (file == STDOUT_FILENO && !strcmp(call, "write"))
        strcpy(name, "stdout");
}

/* Within the folder, and from there on; NULL: elsewhere. */
static const char *inside(const char *name)
{
    size_t length = strlen(folder);
    if (*name != '/')
        return *name ? name : NULL;
    if (strncmp(name, folder, length) != 0)
        return NULL;
    return !name[length] ? "." : name[length] == '/' ? name + length + 1 : NULL;
}

/* --------------------------------------------------------------- registers */

#if defined(__x86_64__)
static void leave_out(pid_t pid)
{
    struct user_regs_struct regs;
    ptrace(PTRACE_GETREGS, pid, NULL, &regs);
    regs.orig_rax = (unsigned long long)-1;
    ptrace(PTRACE_SETREGS, pid, NULL, &regs);
}

static void set_result(pid_t pid, long result)
{
    struct user_regs_struct regs;
    ptrace(PTRACE_GETREGS, pid, NULL, &regs);
    regs.rax = (unsigned long long)result;
    ptrace(PTRACE_SETREGS, pid, NULL, &regs);
}

static void set_size(pid_t pid, long size)
{
    struct user_regs_struct regs;
    ptrace(PTRACE_GETREGS, pid, NULL, &regs);
    regs.rdx = (unsigned long long)size;
    ptrace(PTRACE_SETREGS, pid, NULL, &regs);
}
#elif defined(__aarch64__)
static void set_register(pid_t pid, int index, long value)
{
    struct user_regs_struct regs;
    struct iovec all = {&regs, sizeof(regs)};
    ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &all);
    regs.regs[index] = (unsigned long long)value;
    ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &all);
}

static void leave_out(pid_t pid)
{
    int none = -1;
    struct iovec number = {&none, sizeof(none)};
    ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &number);
}

static void set_result(pid_t pid, long result)
{
    set_register(pid, 0, result);
}

static void set_size(pid_t pid, long size)
{
    set_register(pid, 2, size);
}
#endif

/* ----------------------------------------------------------------- tracing */

/* Threads whose present call was left out. */
static pid_t left_out[THREADS_MOST];

static pid_t *slot_of(pid_t pid)
{
    for (int i = 0; i < THREADS_MOST; i++)
        if (left_out[i] == pid)
            return &left_out[i];
    return NULL;
}

static void meddle(const Rule *rule, pid_t pid, uint64_t size)
{
    if (rule->kills)
        kill(pid, SIGKILL);
    else if (rule->is_short && size > 1)
        set_size(pid, 1);
    else if (rule->error && slot_of(0)) {
        *slot_of(0) = pid;
        leave_out(pid);
    }
}

static void on_entry(const Rule *rule, pid_t pid, const Call *call, const uint64_t *args,
                     FILE *log)
{
    char name[PATH_MAX] = "", other[PATH_MAX] = "";
    if (call->file >= 0)
        name_of_open(pid, args[call->file], call->name, name);
    else
        read_text(pid, args[call->path], name, sizeof(name));
    if (call->other >= 0)
        read_text(pid, args[call->other], other, sizeof(other));
    const char *file = inside(name), *to = inside(other);
    if (!file)
        return;
    bool met = rule_meets(rule, call->name);
    fprintf(log, "%s%s %s%s%s\n", met ? "!" : "", call->name, file, to ? " " : "",
            to ? to : "");
    fflush(log);
    if (met)
        meddle(rule, pid, args[2]);
}

static void on_call(const Rule *rule, pid_t pid, FILE *log)
{
    struct __ptrace_syscall_info info;
    pid_t *slot = slot_of(pid);
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) <= 0)
        return;
    if (info.op == PTRACE_SYSCALL_INFO_EXIT && slot) {
        set_result(pid, -rule->error);
        *slot = 0;
    }
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        if ((uint64_t)calls[i].number == info.entry.nr) {
            uint64_t args[6];
            for (int k = 0; k < 6; k++)
                args[k] = info.entry.args[k];
            on_entry(rule, pid, &calls[i], args, log);
            return;
        }
}

/* Until the first process ends; returns its exit status. */
static int follow(const Rule *rule, pid_t first, FILE *log)
{
    for (;;) {
        int status, signal = 0;
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0)
            return EXIT_FAILURE;
        if (pid == first && WIFEXITED(status))
            return WEXITSTATUS(status);
        if (pid == first && WIFSIGNALED(status))
            return 128 + WTERMSIG(status);
        if (!WIFSTOPPED(status))
            continue;
        if (WSTOPSIG(status) == (SIGTRAP | 0x80))
            on_call(rule, pid, log);
        else if (WSTOPSIG(status) != SIGTRAP && WSTOPSIG(status) != SIGSTOP)
            signal = WSTOPSIG(status);
        ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)signal);
    }
}

int main(int count, char **arguments)
{
    const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
                         PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
                         PTRACE_O_EXITKILL;
    Rule rule;
    int status;
    if (count < 4 || !rule_parse(&rule, arguments[2]) ||
        !getcwd(folder, sizeof(folder))) {
        fputs("Usage: inject LOG RULE PROGRAM ARGUMENT...\n", stderr);
        return EXIT_FAILURE;
    }
    FILE *log = fopen(arguments[1], "we");
    if (!log) {
        perror(arguments[1]);
        return EXIT_FAILURE;
    }
    pid_t first = fork();
    if (first == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
            _exit(SKIPPED);
        raise(SIGSTOP);
        execvp(arguments[3], arguments + 3);
        _exit(127);
    }
    if (waitpid(first, &status, 0) < 0 || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, first, NULL, (void *)options) < 0) {
        fputs("no process may be traced here\n", stderr);
        return SKIPPED;
    }
    ptrace(PTRACE_SYSCALL, first, NULL, NULL);
    status = follow(&rule, first, log);
    fclose(log);
    return status;
}
