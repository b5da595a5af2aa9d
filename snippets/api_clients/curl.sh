curl --silent --show-error \
  --form image=@chiffre.png \
  "${API_URL:-http://127.0.0.1:8000}/predict" \
  | python3 -m json.tool --no-ensure-ascii --indent 2
