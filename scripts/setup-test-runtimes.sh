#!/usr/bin/env bash
# Makes present what the tests need besides Node and npm packages: a Python environment with ddtrace, the Go
# program, the Java agent with its program, AWS's Lambda runtime clients, and Chromium. Run it once before `npm test` if you want nothing to be
# left out; run it again at any time, it does only what is missing. What cannot be had is named, and the exit
# code is then 1.
#
#   scripts/setup-test-runtimes.sh            install what is missing
#   scripts/setup-test-runtimes.sh --check    only say what is absent (exit code 1 if anything is)
set -uo pipefail

cd "$(dirname "$0")/.."
programs=tests/programs
cache=.cache/test-runtimes
check_only=false
case "${1:-}" in
  '') ;;
  --check) check_only=true ;;
  *)
    echo "usage: $0 [--check]" >&2
    exit 2
    ;;
esac

absent=()

# miss <what> <why>: remembers a runtime that is not there.
miss() {
  absent+=("$1")
  echo "absent: $1 ($2)"
}

# fresh <stamp> <input...>: true when what <stamp> vouches for was made from exactly these inputs.
fresh() {
  local stamp=$1
  shift
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint "$@")" ]
}

fingerprint() { cat "$@" | cksum; }

# debian <package...>: installs Debian packages where that is possible.
debian() {
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 1
  echo "installing $* ..."
  apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1 && return 0
  apt-get update >/dev/null 2>&1 && apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1
}

# have <command> <package...>: true when the command exists, installing the packages if need be.
have() {
  local command=$1
  shift
  command -v "$command" >/dev/null && return 0
  $check_only && return 1
  debian "$@" && command -v "$command" >/dev/null
}

setup_python() {
  local input=$programs/python-ddtrace/requirements.txt
  fresh $cache/python/ready $input && return
  have python3 python3 python3-venv || { miss 'python ddtrace' 'no python3'; return; }
  $check_only && { miss 'python ddtrace' 'not installed yet'; return; }
  echo 'installing ddtrace for Python ...'
  rm -rf $cache/python
  if ! { python3 -m venv $cache/python || { debian python3-venv && python3 -m venv $cache/python; }; } ||
    ! $cache/python/bin/pip install --quiet --disable-pip-version-check -r $input; then
    miss 'python ddtrace' 'cannot make its environment; the lines above say why'
    return
  fi
  fingerprint $input >$cache/python/ready
}

setup_go() {
  local inputs=("$programs"/go-dd-trace/{go.mod,go.sum,main.go})
  [ -x $cache/go/checkout ] && fresh $cache/go/ready "${inputs[@]}" && return
  have go golang-go || { miss 'go dd-trace-go' 'no go'; return; }
  $check_only && { miss 'go dd-trace-go' 'not built yet'; return; }
  echo 'building the Go program ...'
  mkdir -p $cache/go
  rm -f $cache/go/checkout
  # -trimpath: stack traces of recorded payloads must not tell where this was built.
  if ! (cd $programs/go-dd-trace && go build -trimpath -o "$OLDPWD/$cache/go/checkout" .); then
    miss 'go dd-trace-go' 'cannot build it; the lines above say why'
    return
  fi
  fingerprint "${inputs[@]}" >$cache/go/ready
}

setup_java() {
  local inputs=("$programs"/java-dd-trace/{pom.xml,Checkout.java})
  # The compiled program is of no use without something to run it.
  command -v java >/dev/null && fresh $cache/java/ready "${inputs[@]}" && return
  have javac openjdk-17-jdk-headless || { miss 'java dd-java-agent' 'no JDK'; return; }
  have mvn maven || { miss 'java dd-java-agent' 'no Maven'; return; }
  $check_only && { miss 'java dd-java-agent' 'not built yet'; return; }
  echo 'fetching dd-java-agent and building the Java program ...'
  rm -rf $cache/java
  mkdir -p $cache/java/lib
  local copy=org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies
  if ! mvn --quiet --batch-mode -Dstyle.color=never -f $programs/java-dd-trace/pom.xml $copy \
    -Dmdep.stripVersion=true -DoutputDirectory="$PWD/$cache/java/lib" ||
    ! javac -encoding UTF-8 -cp "$cache/java/lib/*" -d $cache/java/classes $programs/java-dd-trace/Checkout.java; then
    miss 'java dd-java-agent' 'cannot build it; the lines above say why'
    return
  fi
  fingerprint "${inputs[@]}" >$cache/java/ready
}

setup_chromium() {
  have chromium chromium || miss 'chromium' 'install the Debian package chromium, or run this as root'
}

# AWS's own runtime clients, against which the local Lambda is checked. The one for Node builds native code.
lambda_node=aws-lambda-ric@4.0.2
lambda_python=awslambdaric==4.2.2

setup_lambda_python() {
  [ "$(cat $cache/lambda-python/ready 2>/dev/null)" = "$lambda_python" ] && return
  have python3 python3 python3-venv || { miss 'python awslambdaric' 'no python3'; return; }
  $check_only && { miss 'python awslambdaric' 'not installed yet'; return; }
  echo 'installing the Lambda runtime client for Python ...'
  rm -rf $cache/lambda-python
  if ! python3 -m venv $cache/lambda-python ||
    ! $cache/lambda-python/bin/pip install --quiet --disable-pip-version-check "$lambda_python"; then
    miss 'python awslambdaric' 'cannot install it; the lines above say why'
    return
  fi
  echo "$lambda_python" >$cache/lambda-python/ready
}

setup_lambda_node() {
  [ "$(cat $cache/lambda-node/ready 2>/dev/null)" = "$lambda_node" ] && return
  have cmake cmake && have g++ g++ && have make make || { miss 'node aws-lambda-ric' 'no cmake, g++ or make'; return; }
  $check_only && { miss 'node aws-lambda-ric' 'not built yet'; return; }
  echo 'building the Lambda runtime client for Node ...'
  rm -rf $cache/lambda-node
  mkdir -p $cache/lambda-node
  if ! npm install --silent --no-save --no-audit --no-fund --prefix $cache/lambda-node "$lambda_node" >$cache/lambda-node/log 2>&1; then
    tail -n 20 $cache/lambda-node/log
    miss 'node aws-lambda-ric' 'cannot build it; the lines above say why'
    return
  fi
  echo "$lambda_node" >$cache/lambda-node/ready
}

# The X-Ray SDK and boto3 as clients of the local X-Ray, and moto as a second X-Ray to compare it with.
setup_xray_python() {
  local input=tests/xray/requirements.txt
  fresh $cache/xray-python/ready $input && return
  have python3 python3 python3-venv || { miss 'python aws-xray-sdk, boto3 and moto' 'no python3'; return; }
  $check_only && { miss 'python aws-xray-sdk, boto3 and moto' 'not installed yet'; return; }
  echo 'installing the X-Ray SDK for Python, boto3 and moto ...'
  rm -rf $cache/xray-python
  if ! python3 -m venv $cache/xray-python ||
    ! $cache/xray-python/bin/pip install --quiet --disable-pip-version-check -r $input; then
    miss 'python aws-xray-sdk, boto3 and moto' 'cannot install them; the lines above say why'
    return
  fi
  fingerprint $input >$cache/xray-python/ready
}

setup_python
setup_xray_python
setup_lambda_python
setup_lambda_node
setup_go
setup_java
setup_chromium

if [ ${#absent[@]} -gt 0 ]; then exit 1; fi
echo 'test runtimes: python, go, java, the X-Ray and Lambda clients and chromium are present'
