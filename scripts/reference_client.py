"""The benchmark's yardstick: a small client as an ordinary skill has it, with `requests` and no tricks.

Like `padel availability --json` with sites and activities configured: the anonymous token is kept between calls, one
request brings all days, and the free slots are printed as a JSON list. It must stay a fair opponent: no needless work.
"""

import argparse
import base64
import json
import os
import re
import sys
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import requests

UTC = timezone.utc
ZONE = ZoneInfo("Europe/London")


def parse_time(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def stamp(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Portal:
    def __init__(self, base, now):
        self.base, self.now = base.rstrip("/"), now
        self.http = requests.Session()
        self.http.headers["Accept"] = "application/json"
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        self.file = Path(cache) / "reference-client" / (re.sub(r"\W+", "_", self.base) + ".json")

    def token(self):
        try:
            kept = json.loads(self.file.read_text())
            if kept["ends"] > self.now.timestamp() + 60:
                return kept["token"]
        except (OSError, ValueError, KeyError):
            pass
        answer = self.http.get(self.base + "/api/samlauthentication/anonymous", timeout=30)
        answer.raise_for_status()
        token = answer.cookies["Jwt"]
        claims = token.split(".")[1]
        ends = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"]
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps({"token": token, "ends": ends}))
        return token

    def sessions(self, sites, activities, start, end):
        headers = {"X-Use-Sso": "1", "Cookie": "Jwt=" + self.token()}
        query = {"siteIds": sites, "activityIds": activities, "webBookableOnly": "true"}
        query |= {"dateFrom": stamp(start), "dateTo": stamp(end)}
        url = self.base + "/api/availability/V2/sessions"
        answer = self.http.get(url, params=query, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json()


def free_slots(elements, days, now):
    """The slots that can be booked now, each once, in order of time."""
    found = {}
    for element in elements:
        for location in element["locations"]:
            courts = tuple(sorted(detail["locationId"] for detail in location["locationDetails"]))
            for slot in location["slots"]:
                if slot["status"] != "Available":
                    continue
                if not parse_time(slot["bookableFrom"]) <= now < parse_time(slot["bookableUntil"]):
                    continue
                start = parse_time(slot["startTime"]).astimezone(ZONE)
                if start.date() not in days:
                    continue
                end = parse_time(slot["endTime"]).astimezone(ZONE) + timedelta(seconds=1)
                found[start, end, element["siteId"], courts, element["id"]] = {
                    "date": start.date().isoformat(),
                    "weekday": start.strftime("%A"),
                    "start": start.strftime("%H:%M"),
                    "end": end.strftime("%H:%M"),
                    "court": location["locationNameToDisplay"],
                    "court_ids": courts,
                    "site_id": element["siteId"],
                    "activity_id": element["id"],
                    "activity": element["name"],
                }
    return [found[key] for key in sorted(found)]


def main():
    parser = argparse.ArgumentParser(description="Free courts as JSON, the reference for the benchmark.")
    parser.add_argument("--date", type=date.fromisoformat, required=True)
    parser.add_argument("--days", type=int, default=1)
    args = parser.parse_args()
    env = os.environ
    now = datetime.fromisoformat(env["PADEL_NOW"]) if "PADEL_NOW" in env else datetime.now(UTC)
    days = {args.date + timedelta(days=ahead) for ahead in range(args.days)}
    start = datetime.combine(min(days), time.min, ZONE)
    end = datetime.combine(max(days) + timedelta(days=1), time.min, ZONE).astimezone(UTC) - timedelta(seconds=1)
    portal = Portal(env["PSLC_CLUB"], now)
    elements = portal.sessions(env["PSLC_SITES"], env["PSLC_ACTIVITIES"], max(start, now), end)
    json.dump(free_slots(elements, days, now), sys.stdout)


if __name__ == "__main__":
    main()
