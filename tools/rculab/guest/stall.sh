# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# One scenario: sets the timeout, provokes, shows the module's account, puts the timeout back.
#
# In: SCENARIO (with keys or without), PARAMS (more keys), TIMEOUT (seconds, empty to leave it
# alone), EXTRA_DELAY (seconds that this kernel adds to any timeout).

# shellcheck source=tools/rculab/guest/lib.sh
. /lab/lib.sh

original=$(get_timeout)
timeout=${TIMEOUT:-$original}
set_timeout "$timeout" || exit 1
# PARAMS are for the last of several, which may have its own already.
case " ${SCENARIO##* + } $PARAMS" in
*" secs="*) ;;
*) PARAMS="$PARAMS secs=$((timeout + EXTRA_DELAY + 2))" ;;
esac

before=$(count_stalls)
mark "begin $SCENARIO"
# shellcheck disable=SC2086 # one word a key
provoke $SCENARIO $PARAMS
refused=$?
mark "end $SCENARIO"
set_timeout "$original" || exit 1
[ $refused = 0 ] || exit 2
cat $torture/report
printf '\nrcu_stall_count %s -> %s\n' "$before" "$(count_stalls)"
