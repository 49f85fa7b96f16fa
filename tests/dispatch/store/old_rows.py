"""
Rows as earlier versions wrote them, in plain SQL: the tables of today know those columns no more.

Each version that changes a table adds here what its migration must carry over.
"""

from __future__ import annotations

from sqlalchemy import text

from dispatch.store.database import Database

_A, _B, _C, _D, _E, _F = (f"0190000000007000800000000000000{n}" for n in range(1, 7))
_AT = "2026-03-02 08:30:00.000000"

ROWS = {
    "0001": [
        f"INSERT INTO depots (id, name, lon, lat, time_zone, version) "
        f"VALUES ('{_A}', 'W1', 121.5, 31.2, 'Asia/Shanghai', 1)",
        f"INSERT INTO parts (id, brand, number, name, weight_g, volume_ml, tracking, dangerous, "
        f"version) VALUES ('{_B}', 'Bosch', '0986', '制动盘', 9000, 7000, 'lot', false, 1)",
        f"INSERT INTO customers (id, number, name, version) VALUES ('{_C}', 'C1', '王记汽修', 3)",
        f"INSERT INTO orders (id, number, customer_id, depot_id, fulfilment, status, priority, "
        f"placed_at, version) "
        f"VALUES ('{_D}', 'A-1', '{_C}', '{_A}', 'pickup', 'accepted', 2, '{_AT}', 2)",
        f"INSERT INTO order_lines (id, order_id, position, part_id, quantity) "
        f"VALUES ('{_E}', '{_D}', 1, '{_B}', 5)",
        f"INSERT INTO deliveries (id, order_id, depot_id, attempt, status, version) "
        f"VALUES ('{_F}', '{_D}', '{_A}', 1, 'pending', 1)",
        f"INSERT INTO repair_points (id, customer_id, name, address, lon, lat, service_s, version) "
        f"VALUES ('{_F}', '{_C}', '本店', '南路1号', 121.4, 31.2, 240, 1)",
        f"INSERT INTO stock_levels (depot_id, part_id, on_hand, reserved) "
        f"VALUES ('{_A}', '{_B}', 4, 4)",
        f"INSERT INTO reservations (id, order_line_id, order_id, depot_id, part_id, quantity, "
        f"status, priority, since, version) "
        f"VALUES ('{_F}', '{_E}', '{_D}', '{_A}', '{_B}', 4, 'reserved', 2, '{_AT}', 1)",
        f"INSERT INTO stock_movements (at, kind, depot_id, part_id, bin, quantity, actor) "
        f"VALUES ('{_AT}', 'receipt', '{_A}', '{_B}', 'A-01', 4, 'test')",
        f"INSERT INTO events (at, recorded_at, kind, actor, subject_id, subjects, data) VALUES "
        f"('{_AT}', '{_AT}', 'order.accepted', 'test', '{_D}', '{{}}', '{{\"n\": 1}}')",
    ],
    "0002": [
        f"INSERT INTO depots (id, name, lon, lat, time_zone, version) "
        f"VALUES ('{_A}', 'W1', 121.5, 31.2, 'Asia/Shanghai', 1)",
        f"INSERT INTO plans (id, depot_id, day, wave, status, current, version) "
        f"VALUES ('{_B}', '{_A}', '2026-03-02', '1', 'published', 1, 4)",
        f"INSERT INTO plan_versions (plan_id, number, parent, sequences, inputs, objective, "
        f"num_unplanned, made_at, actor, note) VALUES ('{_B}', 1, 0, '{{\"van 1\": [\"a\"]}}', "
        f"'{{}}', 700, 2, '{_AT}', 'test', 'solved')",
        f"INSERT INTO solve_runs (id, plan_id, state, asked_at, seconds, seed, attempt, token) "
        f"VALUES ('{_C}', '{_B}', 'running', '{_AT}', 60, 1, 1, 1)",
    ],
    "0003": [
        f"INSERT INTO users (id, name, full_name, roles, second_confirmed, second_step, "
        f"created_at, version) "
        f"VALUES ('{_A}', 'wang', '王伟', '[\"admin\"]', false, 0, '{_AT}', 2)",
        f"INSERT INTO user_sessions (id, user_id, kind, token_hash, title, created_at, used_at, "
        f"expires_at) VALUES ('{_B}', '{_A}', 'person', 'aa', 'phone', '{_AT}', '{_AT}', '{_AT}')",
        f"INSERT INTO device_links (id, user_id, token_hash, created_at, expires_at) "
        f"VALUES ('{_C}', '{_A}', 'bb', '{_AT}', '{_AT}')",
        f"INSERT INTO api_keys (id, name, prefix, secret_hash, scopes, created_at) "
        f"VALUES ('{_D}', 'ERP', 'mk_1', 'cc', '[\"orders:read\"]', '{_AT}')",
        f"INSERT INTO sign_in_attempts (name_hash, tries, since) VALUES ('dd', 3, '{_AT}')",
        f"INSERT INTO replays (id, actor, key, request_hash, status, answer, created_at) "
        f"VALUES ('{_E}', 'user:wang', 'k', 'ee', 201, '{{}}', '{_AT}')",
    ],
    "0004": [
        f"INSERT INTO parts (id, brand, number, number_key, name, name_en, weight_g, volume_ml, "
        f"tracking, dangerous, un_number, hazard_class, version) VALUES "
        f"('{_A}', 'Bosch', '0 986', '0986', '电池', 'Battery', 9, 7, 'lot', true, '2794', '8', 1),"
        f"('{_B}', 'Bosch', '0987', '0987', '电池', NULL, 9, 7, 'lot', false, NULL, NULL, 1)",
        f"INSERT INTO cross_numbers (id, part_id, maker, number, number_key) "
        f"VALUES ('{_C}', '{_A}', 'VW', '5Q0 615', '5Q0615')",
        f"INSERT INTO part_prices (id, part_id, currency, valid_from, amount, core_deposit) "
        f"VALUES ('{_D}', '{_A}', 'CNY', '{_AT}', 42000, 30000)",
        f"INSERT INTO supersessions (part_id, successor_id, both_ways) "
        f"VALUES ('{_A}', '{_B}', false)",
        f"INSERT INTO depots (id, name, lon, lat, time_zone, version) VALUES "
        f"('{_A}', 'W1', 121.5, 31.2, 'Asia/Shanghai', 1), "
        f"('{_B}', 'W2', 121.5, 31.2, 'Asia/Shanghai', 1)",
        f"INSERT INTO transfers (id, from_depot_id, to_depot_id, expected_at, document, status, "
        f"version) VALUES ('{_C}', '{_A}', '{_B}', '{_AT}', 'T-1', 'in_transit', 2)",
        f"INSERT INTO transfer_lines (id, transfer_id, part_id, quantity) "
        f"VALUES ('{_D}', '{_C}', '{_A}', 3)",
        f"INSERT INTO stock_movements (at, kind, depot_id, part_id, bin, quantity, actor, "
        f"transfer_id, van) VALUES "
        f"('{_AT}', 'transfer_out', '{_A}', '{_A}', 'A-01', -3, 'test', '{_C}', 'V-2')",
        f"INSERT INTO pick_lists (id, depot_id, wave, route, made_at) "
        f"VALUES ('{_A}', '{_A}', 'W1', 'R1', '{_AT}')",
        f"INSERT INTO lanes (from_depot_id, to_depot_id, price, duration_s, departures) "
        f"VALUES ('{_A}', '{_B}', 400, 3600, '[36000]')",
        f"INSERT INTO quarantines (id, depot_id, part_id, quantity, reason, status, since, "
        f"version) VALUES ('{_E}', '{_A}', '{_A}', 2, 'wet', 'held', '{_AT}', 1)",
    ],
    "0005": [
        f"INSERT INTO depots (id, name, lon, lat, time_zone, version) "
        f"VALUES ('{_A}', 'W1', 121.5, 31.2, 'Asia/Shanghai', 1)",
        f"INSERT INTO special_days (depot_id, on_date, name) "
        f"VALUES ('{_A}', '2026-10-01', '国庆节')",
        f"INSERT INTO customers (id, number, name, language, version) "
        f"VALUES ('{_C}', 'C1', 'Wang', 'en', 3)",
        f"INSERT INTO contacts (id, customer_id, name, phone, email, version) "
        f"VALUES ('{_B}', '{_C}', '王', '138', '', 1)",
        f"INSERT INTO repair_points (id, customer_id, name, address, lon, lat, found, version) "
        f"VALUES ('{_F}', '{_C}', '本店', '南路1号', 121.4, 31.2, 'geocoded', 1)",
        f"INSERT INTO parts (id, brand, number, number_key, name, weight_g, volume_ml, tracking, "
        f"dangerous, version) "
        f"VALUES ('{_B}', 'Bosch', '0986', '0986', '制动盘', 9000, 7000, 'lot', false, 1)",
        f"INSERT INTO orders (id, number, customer_id, depot_id, fulfilment, status, priority, "
        f"downtime_cost_per_h, placed_at, version) "
        f"VALUES ('{_D}', 'A-1', '{_C}', '{_A}', 'pickup', 'accepted', 2, 26000, '{_AT}', 2)",
        f"INSERT INTO order_lines (id, order_id, position, part_id, quantity) "
        f"VALUES ('{_E}', '{_D}', 1, '{_B}', 0)",
        f"INSERT INTO imports (id, at, actor, name, mode) "
        f"VALUES ('{_A}', '{_AT}', 'test', 'a.csv', 'create')",
        f"INSERT INTO imported_orders (id, import_id, order_id, fate, order_version) "
        f"VALUES ('{_A}', '{_A}', '{_D}', 'created', 2)",
        f"INSERT INTO purchases (id, depot_id, part_id, quantity, received, supplier, document, "
        f"expected_at) VALUES ('{_B}', '{_A}', '{_B}', 5, 2, 'Bosch China', 'PO-1', '{_AT}')",
        f"INSERT INTO waves (id, depot_id, name, cut_off, weekdays, version) "
        f"VALUES ('{_A}', '{_A}', '1', 32400, '[0, 1]', 1)",
    ],
    "0006": [
        f"INSERT INTO depots (id, name, lon, lat, time_zone, version) "
        f"VALUES ('{_A}', 'W1', 121.5, 31.2, 'Asia/Shanghai', 1)",
        f"INSERT INTO customers (id, number, name, version) VALUES ('{_C}', 'C1', '王记汽修', 3)",
        f"INSERT INTO orders (id, number, customer_id, depot_id, fulfilment, status, priority, "
        f"placed_at, version) "
        f"VALUES ('{_D}', 'A-1', '{_C}', '{_A}', 'delivery', 'accepted', 2, '{_AT}', 2)",
        f"INSERT INTO deliveries (id, order_id, depot_id, attempt, status, ready_at, version) "
        f"VALUES ('{_F}', '{_D}', '{_A}', 1, 'planned', '{_AT}', 1)",
        f"INSERT INTO vehicles (id, depot_id, plate, profile, skills, cost_fixed, cost_per_km, "
        f"cost_per_h, co2_g_per_km, active, version) "
        f"VALUES ('{_A}', '{_A}', 'V', 'van', '[]', 1, 2, 3, 190, true, 1)",
        f"INSERT INTO drivers (id, depot_id, number, name, phone, skills, active, version) "
        f"VALUES ('{_A}', '{_A}', 'D', '李', '', '[]', true, 1)",
        f"INSERT INTO shifts (id, depot_id, vehicle_id, driver_id, weekday, starts, ends, break_s, "
        f"valid_from, version) "
        f"VALUES ('{_A}', '{_A}', '{_A}', '{_A}', 0, 28800, 63000, 0, '2026-01-01', 1)",
        f"INSERT INTO plans (id, depot_id, day, wave, status, current, assumptions, version) "
        f"VALUES ('{_B}', '{_A}', '2026-03-02', '1', 'published', 1, '{{\"without\": []}}', 4)",
        f"INSERT INTO routes (id, plan_id, depot_id, day, shift_id, vehicle_id, driver_id, name, "
        f"status, starts_at, ends_at, distance_m, drive_s, cost, version) "
        f"VALUES ('{_A}', '{_B}', '{_A}', '2026-03-02', '{_A}', '{_A}', '{_A}', 'V', 'published', "
        f"'{_AT}', '{_AT}', 900, 90, 7000, 1)",
        f"INSERT INTO stops (id, route_id, position, lon, lat, planned_arrival, planned_start, "
        f"planned_departure) "
        f"VALUES ('{_B}', '{_A}', 1, 121.4, 31.2, '{_AT}', '{_AT}', '{_AT}')",
        f"INSERT INTO stop_deliveries (stop_id, delivery_id, position) VALUES ('{_B}', '{_F}', 1)",
    ],
    "0007": [
        f"INSERT INTO depots (id, name, lon, lat, time_zone, version) "
        f"VALUES ('{_A}', 'W1', 121.5, 31.2, 'Asia/Shanghai', 1)",
        f"INSERT INTO parts (id, brand, number, number_key, name, weight_g, volume_ml, tracking, "
        f"dangerous, version) "
        f"VALUES ('{_B}', 'Bosch', '0986', '0986', '制动盘', 9000, 7000, 'lot', false, 1)",
        f"INSERT INTO customers (id, number, name, language, version) "
        f"VALUES ('{_C}', 'C1', 'Wang', 'en', 3)",
        f"INSERT INTO orders (id, number, customer_id, depot_id, fulfilment, status, priority, "
        f"downtime_cost_per_h, placed_at, version) "
        f"VALUES ('{_D}', 'S-1-20260303', '{_C}', '{_A}', 'pickup', 'accepted', 2, 0, '{_AT}', 2)",
        f"INSERT INTO standing_orders (id, number, customer_id, depot_id, status, priority, lines, "
        f"days_ahead, accepts, weekdays, every_weeks, valid_from, on_holiday, version) VALUES "
        f"('{_E}', 'S-1', '{_C}', '{_A}', 'active', 0, '[]', 7, true, '[1]', 2, '2026-03-03', "
        f"'after', 4)",
        f"INSERT INTO standing_dates (id, standing_order_id, due_on, on_date, order_id) "
        f"VALUES ('{_A}', '{_E}', '2026-03-02', '2026-03-03', '{_D}')",
        f"INSERT INTO suppliers (id, name, address, lon, lat, contact, phone, email, version) "
        f"VALUES ('{_F}', 'Bosch China', '', 121.4, 31.2, '', '138', '', 1)",
        f"INSERT INTO purchases (id, depot_id, part_id, quantity, received, supplier, document, "
        f"expected_at) VALUES ('{_B}', '{_A}', '{_B}', 5, 2, 'Bosch China', 'PO-1', '{_AT}')",
        f"INSERT INTO milk_runs (id, depot_id, name, status, skills, stops, weekdays, every_weeks, "
        f"valid_from, on_holiday, version) VALUES ('{_C}', '{_A}', 'South', 'paused', '[]', "
        f"'[]', '[1, 3]', 1, '2026-03-03', 'skip', 1)",
        f"INSERT INTO rounds (id, milk_run_id, depot_id, on_date, status, version) "
        f"VALUES ('{_D}', '{_C}', '{_A}', '2026-03-03', 'finished', 2)",
        f"INSERT INTO skipped_stops (round_id, supplier_id, reason) "
        f"VALUES ('{_D}', '{_F}', 'closed')",
        f"INSERT INTO collections (round_id, purchase_id, quantity) VALUES ('{_D}', '{_B}', 3)",
    ],
    "0008": [
        f"INSERT INTO depots (id, name, lon, lat, time_zone, version) "
        f"VALUES ('{_A}', 'W1', 121.5, 31.2, 'Asia/Shanghai', 1)",
        f"INSERT INTO drivers (id, depot_id, number, name, phone, skills, active, version) "
        f"VALUES ('{_B}', '{_A}', 'D-1', '李', '', '[\"dg\"]', true, 1)",
        f"INSERT INTO papers (id, driver_id, kind, number, expires_on, told_near, version) "
        f"VALUES ('{_C}', '{_B}', 'licence', '', '2026-03-31', '2026-03-31', 2)",
    ],
    "0009": [
        f"INSERT INTO depots (id, name, lon, lat, time_zone, version) "
        f"VALUES ('{_A}', 'W1', 121.5, 31.2, 'Asia/Shanghai', 1)",
        f"INSERT INTO customers (id, number, name, version) VALUES ('{_C}', 'C1', '王记汽修', 3)",
        f"INSERT INTO orders (id, number, customer_id, depot_id, fulfilment, status, priority, "
        f"placed_at, notes, version) "
        f"VALUES ('{_D}', 'A-1', '{_C}', '{_A}', 'pickup', 'accepted', 2, '{_AT}', '按铃', 2)",
        f"INSERT INTO imports (id, at, actor, name, mode, fates) "
        f"VALUES ('{_A}', '{_AT}', 'test', 'a.csv', 'create', '{{\"created\": 3}}')",
        f"INSERT INTO sourcing_terms (depot_id, split_price, handling_s, away_price) "
        f"VALUES ('{_A}', 2600, 60, 1800)",
    ],
    "0010": [
        f"INSERT INTO depots (id, name, lon, lat, time_zone, version) "
        f"VALUES ('{_A}', 'W1', 121.5, 31.2, 'Asia/Shanghai', 1)",
        f"INSERT INTO users (id, name, full_name, roles, second_confirmed, second_step, "
        f"created_at, version) "
        f"VALUES ('{_A}', 'wang', '王伟', '[\"admin\"]', false, 0, '{_AT}', 2)",
        f"INSERT INTO webhooks (id, owner_id, url, description, active, secret, created_at, "
        f"cursor, version) "
        f"VALUES ('{_B}', '{_A}', 'https://erp', '', true, 'whsec_1', '{_AT}', 7, 1)",
        f"INSERT INTO webhook_letters (id, webhook_id, event_id, kind, state, created_at, due_at, "
        f"tries, token) "
        f"VALUES ('{_C}', '{_B}', 7, 'order.placed', 'waiting', '{_AT}', '{_AT}', 1, 2)",
        f"INSERT INTO webhook_tries (letter_id, token, at, duration_ms, status, answer) "
        f"VALUES ('{_C}', 2, '{_AT}', 12, 503, 'busy')",
        f"INSERT INTO order_sources (id, name, depot_id, mode, active, customers, parts, secret, "
        f"version) "
        f"VALUES ('{_D}', 'erp', '{_A}', 'merge', true, '{{}}', '{{}}', 'whsec_2', 1)",
        f"INSERT INTO sent_orders (source_id, number, sent_version) VALUES ('{_D}', 'N-1', 4)",
    ],
    "0011": [
        f"INSERT INTO depots (id, name, lon, lat, time_zone, version) "
        f"VALUES ('{_A}', 'W1', 121.5, 31.2, 'Asia/Shanghai', 1)",
        f"INSERT INTO customers (id, number, name, version) VALUES ('{_C}', 'C1', 'Wang', 3)",
        f"INSERT INTO orders (id, number, customer_id, depot_id, fulfilment, status, priority, "
        f"placed_at, version) "
        f"VALUES ('{_D}', 'A-11', '{_C}', '{_A}', 'pickup', 'placed', 2, '{_AT}', 5)",
    ],
    "0012": [
        f"INSERT INTO depots (id, name, lon, lat, time_zone, version) "
        f"VALUES ('{_A}', 'W1', 121.5, 31.2, 'Asia/Shanghai', 1)",
        f"INSERT INTO suppliers (id, name, address, lon, lat, contact, phone, email, version) "
        f"VALUES ('{_F}', 'Bosch China', '', 121.4, 31.2, '', '138', '', 1)",
        f"INSERT INTO vehicles (id, depot_id, plate, profile, skills, cost_fixed, cost_per_km, "
        f"cost_per_h, co2_g_per_km, active, version) "
        f"VALUES ('{_A}', '{_A}', 'V', 'van', '[]', 1, 2, 3, 190, true, 1)",
        f"INSERT INTO drivers (id, depot_id, number, name, phone, skills, active, version) "
        f"VALUES ('{_A}', '{_A}', 'D', '李', '', '[]', true, 1)",
        f"INSERT INTO shifts (id, depot_id, vehicle_id, driver_id, weekday, starts, ends, break_s, "
        f"valid_from, version) "
        f"VALUES ('{_A}', '{_A}', '{_A}', '{_A}', 0, 28800, 63000, 0, '2026-01-01', 1)",
        f"INSERT INTO plans (id, depot_id, day, wave, status, current, version) "
        f"VALUES ('{_B}', '{_A}', '2026-03-02', '1', 'published', 1, 4)",
        f"INSERT INTO routes (id, plan_id, depot_id, day, shift_id, vehicle_id, driver_id, name, "
        f"status, starts_at, ends_at, distance_m, drive_s, cost, version) "
        f"VALUES ('{_A}', '{_B}', '{_A}', '2026-03-02', '{_A}', '{_A}', '{_A}', 'V', 'published', "
        f"'{_AT}', '{_AT}', 900, 90, 7000, 1)",
        f"INSERT INTO stops (id, route_id, position, lon, lat, planned_arrival, planned_start, "
        f"planned_departure, supplier_id) "
        f"VALUES ('{_B}', '{_A}', 1, 121.4, 31.2, '{_AT}', '{_AT}', '{_AT}', '{_F}')",
    ],
}

# What must be found afterwards, in the words of the newest tables.
KEPT = {
    "0001": [
        "SELECT 1 FROM orders JOIN order_lines ON order_lines.order_id = orders.id "
        "WHERE orders.number = 'A-1' AND orders.status = 'accepted' AND order_lines.quantity = 5",
        "SELECT 1 FROM stock_levels WHERE on_hand = 4 AND reserved = 4",
        "SELECT 1 FROM stock_movements JOIN parts ON parts.id = stock_movements.part_id "
        "WHERE parts.name = '制动盘' AND stock_movements.bin = 'A-01'",
        "SELECT 1 FROM reservations WHERE status = 'reserved' AND quantity = 4",
        "SELECT 1 FROM events WHERE kind = 'order.accepted' AND actor = 'test'",
        "SELECT 1 FROM parts WHERE number = '0986' AND number_key = '0986'",
        "SELECT 1 FROM deliveries JOIN orders ON orders.id = deliveries.order_id "
        "WHERE deliveries.status = 'pending' AND deliveries.ready_at = orders.placed_at",
        "SELECT 1 FROM repair_points JOIN customers ON customers.id = repair_points.customer_id "
        "WHERE repair_points.service_s = 240 AND customers.language = 'zh'",
    ],
    "0002": [
        "SELECT 1 FROM plans JOIN plan_versions ON plan_versions.plan_id = plans.id "
        "WHERE plans.status = 'published' AND objective = 700 AND num_unplanned = 2",
        "SELECT 1 FROM solve_runs WHERE state = 'running' AND token = 1",
    ],
    "0003": [
        "SELECT 1 FROM users JOIN user_sessions ON user_sessions.user_id = users.id "
        "WHERE users.full_name = '王伟' AND users.version = 2 AND user_sessions.title = 'phone'",
        "SELECT 1 FROM device_links WHERE token_hash = 'bb' AND claimed_at IS NULL",
        "SELECT 1 FROM api_keys WHERE prefix = 'mk_1' AND revoked_at IS NULL",
        "SELECT 1 FROM sign_in_attempts WHERE tries = 3",
        "SELECT 1 FROM replays WHERE status = 201",
    ],
    "0004": [
        "SELECT 1 FROM parts JOIN cross_numbers ON cross_numbers.part_id = parts.id "
        "WHERE parts.un_number = '2794' AND cross_numbers.number_key = '5Q0615'",
        "SELECT 1 FROM part_prices JOIN supersessions "
        "ON supersessions.part_id = part_prices.part_id WHERE amount = 42000",
        "SELECT 1 FROM stock_movements JOIN transfer_lines "
        "ON transfer_lines.transfer_id = stock_movements.transfer_id "
        "WHERE stock_movements.van = 'V-2' AND transfer_lines.quantity = 3",
        "SELECT 1 FROM pick_lists WHERE wave = 'W1'",
        "SELECT 1 FROM lanes WHERE price = 400",
        "SELECT 1 FROM quarantines WHERE reason = 'wet' AND status = 'held'",
    ],
    "0005": [
        "SELECT 1 FROM repair_points WHERE found = 'geocoded' AND service_s IS NULL",
        "SELECT 1 FROM order_lines WHERE quantity = 0",
        "SELECT 1 FROM special_days WHERE name = '国庆节' AND weekday IS NULL",
        "SELECT 1 FROM contacts WHERE phone = '138'",
        "SELECT 1 FROM imported_orders JOIN imports ON imports.id = imported_orders.import_id "
        "WHERE imports.name = 'a.csv' AND imported_orders.order_version = 2",
        "SELECT 1 FROM purchases WHERE supplier = 'Bosch China' AND received = 2",
        "SELECT 1 FROM waves WHERE cut_off = 32400",
    ],
    "0006": [
        "SELECT 1 FROM routes JOIN stops ON stops.route_id = routes.id "
        "JOIN stop_deliveries ON stop_deliveries.stop_id = stops.id "
        "JOIN deliveries ON deliveries.id = stop_deliveries.delivery_id "
        "WHERE routes.distance_m = 900 AND deliveries.status = 'planned'",
        "SELECT 1 FROM vehicles WHERE co2_g_per_km = 190",
    ],
    "0007": [
        "SELECT 1 FROM standing_dates JOIN orders ON orders.id = standing_dates.order_id "
        "JOIN standing_orders ON standing_orders.id = standing_dates.standing_order_id "
        "WHERE orders.number = 'S-1-20260303' AND standing_orders.every_weeks = 2",
        "SELECT 1 FROM suppliers JOIN purchases ON purchases.supplier = suppliers.name "
        "WHERE suppliers.phone = '138' AND purchases.received = 2",
        "SELECT 1 FROM collections JOIN rounds ON rounds.id = collections.round_id "
        "JOIN milk_runs ON milk_runs.id = rounds.milk_run_id "
        "WHERE collections.quantity = 3 AND rounds.status = 'finished' "
        "AND milk_runs.name = 'South'",
        "SELECT 1 FROM skipped_stops WHERE reason = 'closed'",
    ],
    "0008": [
        "SELECT 1 FROM papers JOIN drivers ON drivers.id = papers.driver_id "
        "WHERE papers.told_near = papers.expires_on AND papers.told_over IS NULL",
    ],
    "0009": [
        "SELECT 1 FROM orders WHERE notes = '按铃'",
        "SELECT 1 FROM imports WHERE fates IS NOT NULL",
        "SELECT 1 FROM sourcing_terms WHERE away_price = 1800",
    ],
    "0010": [
        "SELECT 1 FROM webhooks JOIN webhook_letters ON webhook_letters.webhook_id = webhooks.id "
        "JOIN webhook_tries ON webhook_tries.letter_id = webhook_letters.id "
        "WHERE webhooks.cursor = 7 AND webhook_letters.tries = 1 AND webhook_tries.status = 503",
        "SELECT 1 FROM order_sources JOIN sent_orders ON sent_orders.source_id = order_sources.id "
        "WHERE order_sources.name = 'erp' AND sent_orders.sent_version = 4",
    ],
    "0011": [
        "SELECT 1 FROM orders WHERE number = 'A-11' AND status = 'placed' AND version = 5",
    ],
    "0012": [
        "SELECT 1 FROM stops JOIN suppliers ON suppliers.id = stops.supplier_id "
        "WHERE suppliers.phone = '138' AND stops.milk_run_id IS NULL",
    ],
}


def fill(database: Database, version: str) -> None:
    """Write the rows of a version."""
    with database.engine.begin() as connection:
        for statement in ROWS[version]:
            connection.execute(text(statement.replace(":", r"\:")))


def kept(database: Database, version: str) -> bool:
    """Tell whether all that was written is still there."""
    with database.engine.connect() as connection:
        return all(connection.execute(text(query)).first() for query in KEPT[version])
