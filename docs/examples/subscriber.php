<?php
// A callback in PHP 8. Behind any web server, or: HUB_TOPIC=… HUB_SECRET=… php -S 127.0.0.1:8081 subscriber.php
// Subscribe once with curl (docs/hub.md). What was taken is written to the file took.log beside this one.
$topic = getenv('HUB_TOPIC');
$secret = getenv('HUB_SECRET');

if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    // PHP writes the dots of parameter names as underscores.
    $meant = ($_GET['hub_mode'] ?? '') === 'subscribe' && ($_GET['hub_topic'] ?? '') === $topic;
    http_response_code($meant ? 200 : 404);
    header('Content-Type: text/plain');
    echo $meant ? $_GET['hub_challenge'] : '';
    exit;
}

$body = file_get_contents('php://input');
[$method, $signature] = explode('=', ($_SERVER['HTTP_X_HUB_SIGNATURE'] ?? '') . '=');
$genuine = in_array($method, ['sha256', 'sha384', 'sha512'], true)
    && hash_equals(hash_hmac($method, $body, $secret), $signature);
http_response_code(202); // also to forged ones, so that nobody learns anything
if ($genuine) {
    $line = 'took ' . $_SERVER['HTTP_FEEDHUB_SEQUENCE'] . ' ' . strlen($body) . "\n";
    file_put_contents(__DIR__ . '/took.log', $line, FILE_APPEND | LOCK_EX);
}
