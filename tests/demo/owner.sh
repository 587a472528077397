# shellcheck shell=bash
# own DIRECTORY: makes it, for a user of its own whom pic-http becomes: the one of an installed cell, or a number that nobody has. Not where that user
# could not come to it, as below /root: then it stays root's, and pic-http root without any capability.
own() {
	local owner
	owner=$(id -u pic 2>/dev/null || echo 64738)
	mkdir -p "$1"
	chmod 700 "$1"
	chown "$owner:$owner" "$1"
	setpriv --reuid="$owner" --regid="$owner" --clear-groups test -w "$1" || chown 0:0 "$1"
}
