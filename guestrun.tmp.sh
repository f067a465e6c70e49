export CGDECK_LISTEN=127.0.0.1:18600 CGDECK_TOKEN=abcdefghijklmnopqrstuvwxyz123456 CGDECK_ROOT=/cgdeck-test-eye CGDECK_STATE_DIR=/tmp/s CGDECK_RUN_DIR=/tmp/r CGDECK_INTERVAL=1000
exec node dist/server/main.js
