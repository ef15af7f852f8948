# Sourced: the README's five requests, as they stand there, against the service at a port of localhost.

readme_requests() { # readme_requests PORT: runs them in this folder, and checks that each gives what the README promises
  local answers home
  home=$(mktemp -d)
  # The README says localhost:8080: curl goes there to the port that the service really has.
  echo "connect-to = localhost:8080:localhost:$1" >"$home/.curlrc"
  answers=$(awk '/^## Five requests/ { here = 1 } here && /^```$/ { exit } code { print } here && /^```sh$/ { code = 1 }' README.md |
    CURL_HOME=$home bash)
  rm -rf "$home"
  local promised
  for promised in '"slug":"international"' '"slug":"en-visite-en-russie-le-kremlin-revele-ce-que-kim-jong-un-a-offert-a-poutine"' 'HTTP/1.1 201 Created' '"status":"draft"' '"status":"published"' 'HTTP/1.1 304 Not Modified'; do
    case $answers in
      *"$promised"*) ;;
      *) printf '%s\n' "$answers"; echo "the README's requests do not give $promised"; return 1 ;;
    esac
  done
}
