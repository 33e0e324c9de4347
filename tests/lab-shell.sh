#!/bin/bash
# lab-shell.sh: what `make lab` runs in the lab: it says what there is, and gives a shell in which `oops` is the one that was built.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/artifacts/bin:$PATH
export PATH
cat <<TEXT
This is the node, in network, mount and process namespaces of the lab's own. What runs here ends with this shell.

  node      10.99.0.1  2001:db8:99::1   here; the anycast addresses 192.0.2.53 and 2001:db8:53::53 are on its lo
  upstream  10.99.0.2  2001:db8:99::2   at the other end of the wire: nsenter --net=/run/netns/upstream bash

Nothing runs yet. /run, /etc/oops and /var/lib/oops are empty and the lab's own; write to \$OOPS_LAB ($OOPS_LAB). To try:

  oops doctor                                        which servers and routers run here: none, before you start one
  oops simulate tests/scenarios/facebook-2021.scn    a story of a failure, and what follows
  oops check examples/anycast.yaml                   a config for a server and a router that you start here
$(printf '  %-48s' "tests/lab.sh --join $OOPS_LAB_PID")   from another terminal: another shell on this node
TEXT
exec "${SHELL:-/bin/bash}"
