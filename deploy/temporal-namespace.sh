#!/bin/sh
# Creates the namespace that the service uses, unless it is there. Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, RETENTION.
set -eu

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
