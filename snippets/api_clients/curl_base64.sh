letters="$(base64 < chiffre.png | tr -d '\n')"
printf '{"image": "%s"}' "$letters" | curl --silent --show-error \
  --header 'Content-Type: application/json' --data-binary @- \
  "${API_URL:-http://127.0.0.1:8000}/predict" \
  | python3 -m json.tool --no-ensure-ascii --indent 2
