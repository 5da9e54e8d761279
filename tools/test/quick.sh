#!/bin/sh
# The checks of every landing that take seconds: the linter and the tidy tests.
set -eu
cd "$(dirname "$0")/../.."
bin/node node_modules/oxlint/bin/oxlint --quiet .
bin/node node_modules/.bin/vitest run test/tidy.test.ts --reporter=dot --silent
