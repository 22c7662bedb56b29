# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# One scenario: sets the timeout, provokes, shows the module's account, puts the timeout back.
#
# In: SCENARIO (with keys or without), PARAMS (more keys), TIMEOUT (seconds, empty to leave it
# alone), EXTRA_DELAY (seconds that this kernel adds to any timeout). Out: `@refused WHY`, for the host,
# if nothing came of it.

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

# Before the mark, as the kernel has something to say on its clocks.
wait_for_high_resolution || exit 1
before=$(count_stalls)
mark "begin $SCENARIO"
# shellcheck disable=SC2086 # one word a key
why=$(provoke $SCENARIO $PARAMS)
provoked=$?
mark_end "$SCENARIO"
set_timeout "$original" || exit 1
if [ $provoked != 0 ]; then
	echo "@refused $why"
	exit 1
fi
cat $torture/report
printf '\nrcu_stall_count %s -> %s\n' "$before" "$(count_stalls)"
