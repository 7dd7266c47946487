/**
 * What may stand before a parenthesis and is of the server's own: functions of MariaDB (its `information_schema.SQL_FUNCTIONS`)
 * and of MySQL, and words of SQL. None of them changes a table. One that is missing here is only called with more care.
 */
const OWN: ReadonlySet<string> = new Set(
  `
  abs acos add_months adddate addtime aes_decrypt aes_encrypt against all and any any_value as asin atan atan2
  benchmark between bin bin_to_uuid binary binlog_gtid_pos bit_and bit_count bit_length bit_or bit_xor by case cast
  ceil ceiling char char_length character character_length chr coalesce coercibility collation column_check
  column_exists column_json column_list columns compress concat concat_ws connection_id conv convert convert_tz cos
  cot count crc32 crc32c cross cume_dist curdate current_date current_role current_time current_timestamp current_user
  curtime database date date_add date_format date_sub datediff datetime day dayname dayofmonth dayofweek dayofyear dec
  decimal decode decode_histogram default degrees dense_rank des_decrypt des_encrypt distinct distinctrow div double
  else elt encode encrypt escape except exists exp export_set extract extractvalue field find_in_set first_value float
  floor for force format found_rows from from_base64 from_days from_unixtime get_lock greatest group_concat grouping
  groups having hex hour icu_version if ifnull ignore in index inet6_aton inet6_ntoa inet_aton inet_ntoa inner insert
  instr intersect interval is is_free_lock is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6 is_used_lock is_uuid isnull
  join json_array json_array_append json_array_insert json_arrayagg json_compact json_contains json_contains_path
  json_depth json_detailed json_equals json_exists json_extract json_insert json_keys json_length json_loose
  json_merge json_merge_patch json_merge_preserve json_normalize json_object json_objectagg json_overlaps json_pretty
  json_query json_quote json_remove json_replace json_schema_valid json_schema_validation_report json_search json_set
  json_storage_free json_storage_size json_table json_type json_unquote json_valid json_value key lag last_day
  last_insert_id lateral lcase lead least left length lengthb like limit ln load_file localtime localtimestamp locate
  log log10 log2 lower lpad ltrim make_set makedate maketime master_gtid_wait master_pos_wait match materialized max
  md5 median member microsecond mid min minute mod month monthname name_const natural natural_sort_key nested not now
  nth_value ntile nullif numeric nvl nvl2 oct octet_length of offset old_password on or ord outer over partition
  password path percent_rank percentile_cont percentile_disc period_add period_diff pi position pow power quarter
  quote radians rand random_bytes range rank recursive regexp regexp_instr regexp_like regexp_replace regexp_substr
  release_all_locks release_lock replace return reverse right rlike round row row_count row_number rows rpad rtrim
  schema schemas sec_to_time second select session_user set sformat sha sha1 sha2 sign signed sin sleep some soundex
  space sqrt statement_digest statement_digest_text std stddev stddev_pop stddev_samp str_to_date straight_join strcmp
  subdate substr substring substring_index subtime sum sys_guid system_user table tan temporary then time time_format
  time_to_sec timediff timestamp timestampadd timestampdiff to_base64 to_char to_days to_seconds trim truncate ucase
  uncompress uncompressed_length unhex union unix_timestamp unsigned updatexml upper use user using utc_date utc_time
  utc_timestamp uuid uuid_short uuid_to_bin values var_pop var_samp varchar variance version week weekday weekofyear
  when where window with wsrep_last_seen_gtid wsrep_last_written_gtid wsrep_sync_wait_upto_gtid xor year yearweek
`
    .trim()
    .split(/\s+/),
);

/** A name at the end, as long as names can be, and what qualifies it; of a quoted one only the mark that ends it is left. */
const NAME = /(\.\s*)?([\w$\u0080-\uffff]{1,64}|["`])$/;

/** Whether it may call a function that somebody has made, and which may do anything. */
export function callsForeign(text: string): boolean {
  for (let at = text.indexOf('('); at >= 0; at = text.indexOf('(', at + 1)) {
    const [, qualifier, name] = NAME.exec(text.slice(0, at).trimEnd().slice(-MOST)) ?? [];
    if (name !== undefined && (qualifier !== undefined || !OWN.has(name.toLowerCase()))) return true;
  }
  return false;
}
/** Letters that are looked at: more than a name and its qualifier's point take. */
const MOST = 80;
