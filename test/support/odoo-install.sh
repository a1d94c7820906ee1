#!/usr/bin/env bash
# Unpacks Odoo 19 with the helpdesk of the Odoo Community Association into FOLDER, and packs a database with users in it.
# As root on Debian 12 with postgresql and python3-venv. Nothing is installed into the system.
#   odoo-install.sh FOLDER PORT POSTGRES PROVISION
#   PORT: free, for the database meanwhile. POSTGRES: the folder of its programs. PROVISION: the script that creates users.
set -euo pipefail
folder=$1 port=$2 postgres=$3 provision=$4
[ -e "$folder/ready" ] && exit 0
work=$(mktemp -d)
as_postgres() { (cd / && setpriv --reuid=postgres --regid=postgres --init-groups "$@"); }
finish() {
  [ -e "$work/state/postgres/postmaster.pid" ] && as_postgres "$postgres/pg_ctl" -D "$work/state/postgres" -m fast -w stop >&2
  rm -rf "$work"
}
trap finish EXIT
rm -rf "$folder/root" "$folder/venv" "$folder/addons"
mkdir -p "$folder"/{debs,root,addons}

# In Debian's unstable suite alone; it is Python, which runs on Debian 12's as well. Read through lists of our own.
site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m1 '/debian/\?$')
apt=(-q -o APT::Sandbox::User=root)
if ! ls "$folder"/debs/odoo-19_*.deb >/dev/null 2>&1; then
  mkdir -p "$work/lists/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site sid main" >"$work/sid.list"
  sid=(-o Dir::Etc::SourceList="$work/sid.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$work/lists"
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
  apt-get "${apt[@]}" "${sid[@]}" update
  (cd "$folder/debs" && apt-get "${apt[@]}" "${sid[@]}" download odoo-19)
fi
# Odoo's package links to these: without them its pages answer 500.
(cd "$folder/debs" && apt-get "${apt[@]}" download libjs-jquery libjs-jquery-form libjs-underscore fonts-font-awesome \
  fonts-roboto-unhinted fonts-inconsolata fonts-ocr-b)
for package in "$folder"/debs/*.deb; do dpkg-deb -x "$package" "$folder/root"; done

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q setuptools asn1crypto Babel cbor2 chardet cryptography python-dateutil docutils geoip2 \
  gevent greenlet idna Jinja2 libsass lxml lxml-html-clean MarkupSafe num2words ofxparse openpyxl pyopenssl Pillow polib \
  psutil psycopg2-binary pypdf pytz qrcode reportlab requests rjsmin pyserial python-stdnum urllib3 pyusb vobject \
  'Werkzeug<3.1' xlrd XlsxWriter xlwt zeep freezegun python-magic passlib
"$folder/venv/bin/pip" download -q --no-deps -d "$work/wheel" odoo-addon-helpdesk-mgmt==19.0.1.3.2
python3 -m zipfile -e "$work"/wheel/*.whl "$folder/addons"

chmod 711 "$work"
mkdir -p "$work/state/postgres" "$work/state/data"
chmod 711 "$work/state"
chown postgres "$work/state/postgres"
as_postgres "$postgres/initdb" -D "$work/state/postgres" -U postgres --auth=trust -E UTF8 --locale=C.UTF-8
as_postgres "$postgres/pg_ctl" -D "$work/state/postgres" -w -l "$work/state/postgres/log" start \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
"$postgres/psql" -q -h 127.0.0.1 -p "$port" -U postgres -c 'create role odoo login createdb'

export PYTHONPATH=$folder/root/usr/lib/python3/dist-packages
options=(--addons-path "$PYTHONPATH/odoo/addons,$folder/addons/odoo/addons" --data-dir "$work/state/data" --db_host 127.0.0.1
  --db_port "$port" --db_user odoo -d desk --log-level warn)
odoo() { "$folder/venv/bin/python" "$folder/root/usr/bin/odoo" "$@"; }
odoo "${options[@]}" -i helpdesk_mgmt,rpc --without-demo True --stop-after-init
odoo shell "${options[@]}" --no-http <"$provision" >"$work/provisioned"
grep -o 'KEY .*' "$work/provisioned" | cut -d' ' -f2- >"$work/state/keys"
[ "$(wc -l <"$work/state/keys")" = 3 ]
as_postgres "$postgres/pg_ctl" -D "$work/state/postgres" -m fast -w stop
tar -C "$work/state" -cf "$folder/state.tar" .
touch "$folder/ready"
