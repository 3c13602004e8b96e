# What the page's bash is told first, over its standard input, so that no process list shows it. From then
# on it reads NUL-ended commands from descriptor 200 and evaluates each in this one shell, so that directory,
# variables and functions last over the page. The ERR trap reports each command that fails, with its depth in
# functions and subshells; it follows the rules of `set -e`: a status that `if`, `!`, `&&` or `||` looks at is
# no failure. One after which something else runs at its depth is reported again: it is not what a function or a
# subshell ended with. Where a statement that ends with `A && B` is followed by another, `marked` has put a function
# between them that ends with the status it finds, which the trap does see. The DEBUG trap, which runs before each
# command, reports statuses that a pipeline hides; a subshell and a function end with an empty command, so that it sees
# their last pipeline, too. `$?` and `$_` are what a reader's shell would have: traps pass `$_` on as their last
# argument. What does not parse (it cannot become a function's body) is evaluated alone, so that bash's message is the
# page's. A comment alone succeeds. Frames of failures carry the command's number: a job that was left in the background
# may fail while a later one runs.
#
# bash runs no ERR trap for the end of a job. So each new `$!` is kept, and its status taken when it has ended: at the
# end of each step and subshell, and before a bare `wait`, which waits and forgets. A failure is reported unless a
# `wait` of the page ended with that status, the page's `kill` named the job, or a signal that people send ended it
# (HUP, INT, QUIT, USR1, USR2, PIPE, ALRM, TERM; not KILL, the kernel's for want of memory). A new job gets a moment,
# because most that fail do so at once. Without /proc nothing tells which job runs: none is asked. POSIX mode would
# forget what is taken. What `kill` and `wait` name is read off the command before it runs. In $(…) the EXIT trap's
# BASH_COMMAND is the command around it: only an assignment ends with the status inside. BASH_REMATCH is the page's:
# no `=~` here.

exec 200<&0 0</dev/null 201>&1 2>&1
unset REPLY
SECRETS
set -o errtrace -o functrace
__pagelab_last=0 __pagelab_argument= __pagelab_number=0 __pagelab_shell=$BASHPID
__pagelab_before= __pagelab_around= __pagelab_failure=()
__pagelab_job= __pagelab_new= __pagelab_under= __pagelab_jobs=() __pagelab_ends=() __pagelab_verb=
__pagelab_return() { return "$__pagelab_last"; }
MARK() {
  __pagelab_looked=$? __pagelab_statement=$1
  builtin return "$__pagelab_looked"
}
__pagelab_failed() {
  case $2 in
    'return "$__pagelab_last"' | '__pagelab_return "$__pagelab_argument"') builtin return ;;
    'builtin eval "$__pagelab_command$__pagelab_tail"') builtin return ;;
    'builtin return "$__pagelab_looked"') builtin set -- "$1" "MARK $__pagelab_statement" ;;
  esac
  builtin set -- "$1" "$((BASH_SUBSHELL + ${#FUNCNAME[@]} - 1))" "$2"
  [[ ${__pagelab_failure[*]:1} != "${*:2}" ]] || __pagelab_went_on
  __pagelab_failure=("$@")
  [[ -z $__pagelab_under ]] || __pagelab_watch
  builtin printf '\036NONCE failed %s %s %s %s\036' "$__pagelab_number" "$@" >&201
}
__pagelab_went_on() {
  builtin printf '\036NONCE went-on %s %s %s %s\036' "$__pagelab_number" "${__pagelab_failure[@]}" >&201
  __pagelab_failure=()
}
__pagelab_after_failure() {
  ((BASH_SUBSHELL + ${#FUNCNAME[@]} - 2 >= __pagelab_failure[1])) || { __pagelab_failure=() && builtin return; }
  case $BASH_COMMAND in
    *'$?'*) __pagelab_failure=() ;;
    "$__pagelab_around") [[ $BASH_COMMAND == [a-zA-Z_]*([a-zA-Z_0-9])?(+)=* ]] || __pagelab_went_on ;;
    "${__pagelab_failure[2]}" | "return $__pagelab_failure" | "exit $__pagelab_failure") ;;
    return | exit | return\ [\"$]* | exit\ [\"$]*) ;;
    *) __pagelab_went_on ;;
  esac
}
__pagelab_watch() { __pagelab_under= && builtin trap __pagelab_over EXIT; }
__pagelab_forget() { builtin unset "__pagelab_jobs[$1]" "__pagelab_ends[$1]"; }
__pagelab_collect() {
  for __pagelab_pid in "${!__pagelab_jobs[@]}"; do
    [[ -z ${__pagelab_ends[__pagelab_pid]-} ]] || builtin continue
    [[ $1 == *" $__pagelab_pid "* || -e /proc/self && ! -e /proc/$__pagelab_pid ]] || builtin continue
    __pagelab_ends[__pagelab_pid]=0
    __pagelab_mode=$SHELLOPTS
    [[ ! -o posix ]] || builtin set +o posix
    builtin wait -p __pagelab_known "$__pagelab_pid" || __pagelab_ends[__pagelab_pid]=$?
    [[ $__pagelab_mode != *posix* ]] || builtin set -o posix
    [[ -n ${__pagelab_known-} ]] || __pagelab_forget "$__pagelab_pid"
  done 2>/dev/null
}
__pagelab_name() {
  __pagelab_text=${BASH_COMMAND%%[<>]*} __pagelab_named= __pagelab_unknown=
  [[ $__pagelab_text == "$BASH_COMMAND" ]] || __pagelab_text=${__pagelab_text% [0-9&]}
  __pagelab_text=${__pagelab_text#command } __pagelab_text=${__pagelab_text#builtin }
  [[ $BASH_COMMAND != *'jobs -p'* ]] || __pagelab_named=$(builtin jobs -l)
  IFS=' ' builtin read -r -a __pagelab_words <<<"${__pagelab_text//[\"\{\}]/}"
  for __pagelab_word in "${__pagelab_words[@]:1}"; do
    case $__pagelab_word in
      -f) ;;
      %*) __pagelab_named+=" $(builtin jobs -l "$__pagelab_word" || :)" ;;
      \$! | -\$!) __pagelab_named+=" ${!-}" ;;
      *\$*[!]a-zA-Z_0-9[@*]* | *\$[!a-zA-Z_]* | [!0-9\$-]* | -[!\$]*) __pagelab_unknown=1 ;;
      *\$*) __pagelab_word=${__pagelab_word#*\$} && __pagelab_named+=" ${!__pagelab_word-}" ;;
      *) __pagelab_named+=" $__pagelab_word" ;;
    esac
  done
  __pagelab_named=" ${__pagelab_named//[!0-9]/ } "
} 2>/dev/null
__pagelab_settle() {
  case $__pagelab_verb$1 in
    wait0 | kill[1-9]*) ;;
    kill0)
      for __pagelab_pid in "${!__pagelab_jobs[@]}"; do
        [[ "$__pagelab_named$2 " != *" $__pagelab_pid "* ]] || __pagelab_forget "$__pagelab_pid"
      done
      ;;
    wait*)
      __pagelab_collect ''
      for __pagelab_pid in "${2//[!0-9]/}" "${!__pagelab_ends[@]}"; do
        [[ -n $__pagelab_pid && ${__pagelab_ends[__pagelab_pid]-} == "$1" ]] || builtin continue
        __pagelab_forget "$__pagelab_pid" && builtin break
      done
      ;;
  esac
  __pagelab_verb=
}
__pagelab_over() {
  __pagelab_collect ''
  for __pagelab_pid in "${!__pagelab_ends[@]}"; do
    __pagelab_end=${__pagelab_ends[__pagelab_pid]}
    case $__pagelab_end in
      0 | 129 | 130 | 131 | 138 | 140 | 141 | 142 | 143) ;;
      *) builtin printf '\036NONCE job %s\036' "${__pagelab_jobs[__pagelab_pid]/ / "$__pagelab_end" 0 }" >&201 ;;
    esac
    __pagelab_forget "$__pagelab_pid"
  done
}
__pagelab_wait() { ((${#__pagelab_jobs[@]} == 0)) || __pagelab_collect "$(builtin jobs -l)"; }
__pagelab_wait_for() {
  __pagelab_name
  [[ -n $__pagelab_unknown${__pagelab_named// /} ]] || { __pagelab_wait; builtin return 0; }
  __pagelab_collect '' && __pagelab_verb=wait
}
__pagelab_kill() {
  __pagelab_signal='-?([SN]?( ))?(SIG)@(HUP|INT|QUIT|ABRT|KILL|TERM|[12369]|15)'
  [[ ${BASH_COMMAND^^} != *KILL\ @([!-]|--\ |$__pagelab_signal\ )* ]] || { __pagelab_name && __pagelab_verb=kill; }
}
__pagelab_next() {
  [[ $BASHPID == "$__pagelab_shell" ]] || {
    __pagelab_shell=$BASHPID __pagelab_around=$__pagelab_before __pagelab_under=first
    __pagelab_jobs=() __pagelab_ends=()
  }
  [[ -z ${__pagelab_failure-} ]] || __pagelab_after_failure
  [[ ${!-} == "$__pagelab_job" ]] || {
    __pagelab_job=$! __pagelab_new=1
    __pagelab_jobs[__pagelab_job]="$__pagelab_number ${__pagelab_command%%$'\n'*}"
  }
  [[ -z $__pagelab_verb ]] || __pagelab_settle "${@: -2}"
  while (($# > 2)); do
    [[ $1 == 0 || $1 == 141 ]] || builtin printf '\036NONCE piped %s %s\036' "$__pagelab_number" "$1" >&201
    builtin shift
  done
  __pagelab_before=$BASH_COMMAND
  case $BASH_COMMAND in
    '__pagelab_code=$? '*)
      [[ -z $__pagelab_new ]] || builtin read -r -t 0.1 -n 1 -u 200 __pagelab_new || __pagelab_new=
      __pagelab_over
      ;;
    wait | wait\ [\<\>]* | wait\ [0-9][\<\>]* | wait\ \&\>*) __pagelab_wait ;;
    wait\ * | builtin\ wait* | command\ wait*) __pagelab_wait_for ;;
    kill\ * | builtin\ kill\ * | command\ kill\ *) __pagelab_kill ;;
  esac
  [[ -z $__pagelab_under ]] || {
    # Only where something would be missed: with a trap on EXIT, bash may lose a signal that comes just before it waits.
    # Not before a first command, which may take the subshell's place (exec); but the page's own is to follow ours.
    if [[ $BASH_COMMAND == *trap\ * || $__pagelab_under == later &&
      ($__pagelab_command == *[!\|]\|[!\|]* || -n ${__pagelab_jobs[*]-}) ]]; then
      __pagelab_watch
    else
      __pagelab_under=later
    fi
  }
}
while IFS= builtin read -r -d '' -u 200 __pagelab_command; do
  {
    __pagelab_status= __pagelab_number=$((__pagelab_number + 1))
    __pagelab_tail=$'\n''__pagelab_status=$? __pagelab_argument=$_'
    builtin eval "__pagelab_parses() { :"$'\n'"$__pagelab_command"$'\n'"}" || __pagelab_tail=
    [[ $__pagelab_command == *$'\n'* || $__pagelab_command != *([[:space:]])\#* ]] || __pagelab_last=0
    builtin trap 'ON_ERR' ERR
    builtin trap : RETURN
    builtin trap 'ON_DEBUG' DEBUG
    __pagelab_return "$__pagelab_argument"
  } 2>/dev/null
  builtin eval "$__pagelab_command$__pagelab_tail"
  {
    __pagelab_code=$? __pagelab_last=${__pagelab_status:-$__pagelab_code}
    builtin printf '\036NONCE end %s %s ' "$__pagelab_last" "$-" >&201
    builtin trap -p ERR DEBUG RETURN >&201
    builtin trap - DEBUG
    builtin jobs -r >&201
    builtin printf '\036NONCE over\036' >&201
  } 2>/dev/null
done
