#ifndef ASSAY_BASE_BANNED_H
#define ASSAY_BASE_BANNED_H

/* Calls that have no place here, made compile errors. One build of `./dev test` includes this file before every source (meson.build), hence no
 * include of it elsewhere. The headers that declare the calls come first, so that only our own use of a name is an error.
 *
 * The error names the way out: 'banned_strcpy_use_buf_append' undeclared. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* No bound on what is written. */
#undef strcpy
#undef strcat
#undef stpcpy
#undef sprintf
#undef vsprintf
#undef gets
#define strcpy(...) banned_strcpy_use_buf_append
#define strcat(...) banned_strcat_use_buf_append
#define stpcpy(...) banned_stpcpy_use_buf_append
#define sprintf(...) banned_sprintf_use_buf_printf
#define vsprintf(...) banned_vsprintf_use_buf_printf
#define gets(...) banned_gets_use_file_read

/* Looks bounded, and leaves the text without its NUL or counts the wrong thing. */
#undef strncpy
#undef strncat
#define strncpy(...) banned_strncpy_use_buf_append
#define strncat(...) banned_strncat_use_buf_append

/* Hidden state that two users would share. */
#undef strtok
#undef gmtime
#undef localtime
#undef ctime
#undef asctime
#undef rand
#undef srand
#undef random
#define strtok(...) banned_strtok_use_str_split
#define gmtime(...) banned_gmtime_use_gmtime_r
#define localtime(...) banned_localtime_use_localtime_r
#define ctime(...) banned_ctime_use_strftime
#define asctime(...) banned_asctime_use_strftime
#define rand(...) banned_rand_use_rng
#define srand(...) banned_srand_use_rng
#define random(...) banned_random_use_rng

/* Text to number without a word about what was wrong. */
#undef atoi
#undef atol
#undef atoll
#undef atof
#define atoi(...) banned_atoi_use_num_parse
#define atol(...) banned_atol_use_num_parse
#define atoll(...) banned_atoll_use_num_parse
#define atof(...) banned_atof_use_num_parse

/* A shell, a wait for any child, or a name that another may take first. */
#undef system
#undef popen
#undef tmpnam
#undef mktemp
#define system(...) banned_system_use_io_child
#define popen(...) banned_popen_use_io_child
#define tmpnam(...) banned_tmpnam_use_mkdtemp
#define mktemp(...) banned_mktemp_use_mkdtemp

#endif
