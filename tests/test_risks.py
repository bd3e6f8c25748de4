"""How repairing drift goes wrong, risk by risk, and the tests that show what prevents it: each risk has some, and all exist."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

RISKS: dict[str, tuple[str, ...]] = {
    "wrong direction after the roles were swapped": (
        "test_planning.py::test_what_the_member_changed_is_a_conflict_until_somebody_settles_it",
        "test_plan_command.py::test_earlier_runs_say_who_moved",
        "test_applying.py::TestRefusals::test_wrong_direction_the_roles_were_swapped",
        "test_sync_apply.py::test_a_plan_that_may_not_be_used_writes_nothing",
    ),
    "a failover in the middle": (
        "test_applying.py::TestRefusals::test_failover_in_the_middle",
        "test_applying.py::TestRefusals::test_the_role_moves_after_the_first_look",
        "test_guarding.py::test_everything_is_asked_anew_before_each_write",
        "test_guarding.py::TestTheMirror::test_the_member_changes_its_status_between_two_writes",
        "test_guarding.py::TestTheMirror::test_the_primary_changes_its_status_between_two_writes",
        "test_guarding.py::TestTheMirror::test_a_role_that_moved_and_came_back_between_two_writes",
        "test_breaking.py::test_a_role_that_moves_while_somebody_thinks_about_the_question",
    ),
    "two primaries": (
        "test_guarding.py::TestTheMirror::test_two_primaries_in_the_list_of_one_of_them",
        "test_guarding.py::TestTheMirror::test_two_primaries_where_only_the_other_says_so",
        "test_surveying.py::TestASilentMember::test_where_both_lists_show_it_connected_that_is_told_and_else_it_is_refused",
    ),
    "a stale plan: its target, or its rule, was edited": (
        "test_applying.py::TestRefusals::test_stale_plan_the_target_was_edited",
        "test_applying.py::TestRefusals::test_somebody_made_what_the_plan_would_make",
        "test_applying.py::test_what_somebody_changed_before_its_step_is_neither_written_nor_taken_back",
        "test_guarding.py::TestTheRule::test_it_was_changed_before_the_run",
    ),
    "a plan that is tampered with, expired, used before, or used elsewhere": (
        "test_planning.py::test_a_plan_is_sealed_and_any_change_breaks_the_seal",
        "test_planning.py::test_a_plan_expires_and_is_used_once",
        "test_sync_apply.py::test_a_plan_is_carried_out_once_shown_in_history_and_taken_back",
        "test_sync_apply.py::test_a_plan_that_may_not_be_used_writes_nothing",
        "test_applying.py::TestAPlanIsUsedOnce::test_a_run_that_was_refused_has_not_used_it_and_one_that_wrote_has",
        "test_surveying.py::test_a_plan_that_was_used_from_elsewhere_finds_its_items_otherwise",
        "test_breaking.py::test_before_the_first_write",
    ),
    "users and roles are deleted": (
        "test_planning.py::test_deleting_is_off_and_asks_for_a_name",
        "test_planning.py::test_too_many_deletions_are_none",
        "test_planning.py::test_a_user_is_disabled_before_it_is_deleted",
        "test_planning.py::test_what_ships_with_the_product_is_never_deleted",
        "test_planning.py::test_what_is_still_named_is_not_deleted",
    ),
    "a partial read looks like emptiness": (
        "test_planning.py::test_a_primary_that_was_not_read_whole_deletes_nothing",
        "test_planning.py::test_where_access_was_not_read_nothing_narrows_it",
        "test_applying.py::TestRefusals::test_a_partial_read_is_no_emptiness",
        "test_plan_command.py::test_what_could_not_be_read_is_named_where_it_is_asked_for",
    ),
    "lock-out of whoever must get in": (
        "test_planning.py::test_a_plan_that_would_lock_out_what_must_stay_open_is_refused_with_the_path",
        "test_planning.py::test_no_plan_takes_away_the_last_login_that_holds_all",
        "test_surveying.py::test_what_a_plan_would_lock_out_by_now_is_proven_on_the_member_as_it_is",
    ),
    "a run that nobody confirms": (
        "test_confirming.py::test_a_run_that_nobody_confirms_is_taken_back_by_the_member",
        "test_confirming.py::test_a_client_that_is_killed_leaves_a_member_that_takes_it_back",
        "test_sync_apply.py::test_a_run_waits_to_be_confirmed_and_history_says_until_when",
    ),
    "a revert that needs the client": (
        "test_confirming.py::TestRefusals::test_without_a_task_manager",
        "test_confirming.py::TestRefusals::test_without_the_privilege",
        "test_confirming.py::test_what_the_member_could_not_take_back_is_named",
    ),
    "password hashes and keys of one-time passwords": (
        "test_planning.py::test_a_secret_is_carried_only_when_that_is_asked_and_never_written_down",
        "test_planning.py::test_one_time_passwords_are_never_carried",
        "test_written.py::test_one_time_passwords_and_private_keys_are_never_carried",
        "test_sync_apply.py::test_a_password_is_carried_in_memory_and_stands_nowhere",
    ),
    "secrets in differences, plans and logs": (
        "test_secrets.py::test_no_canary_in_any_output",
        "test_plan_command.py::test_no_plan_of_the_hospital_holds_a_secret",
        "test_rendering.py::test_no_secret_is_written_even_where_a_plan_wrongly_holds_one",
        "test_confirming.py::test_no_secret_is_ever_in_the_code",
    ),
    "directories and hosts of another member": (
        "test_planning.py::test_paths_are_the_members_own",
        "test_surveying.py::TestFiles::test_a_directory_that_only_the_primary_has",
        "test_planning.py::test_what_is_somebody_elses_is_withheld_with_the_way_that_works",
    ),
    "the backup's mirrored databases are read-only": (
        "test_planning.py::test_nothing_is_written_into_the_file_of_a_mirrored_database",
    ),
    "what is made anew loses what hung on it": (
        "test_applying.py::test_a_role_is_changed_in_place_and_never_made_anew",
        "test_applying_privileges.py::TestRoles::test_nobody_holds_another_role_afterwards_nor_after_the_way_back",
    ),
    "order": (
        "test_planning.py::test_what_is_named_comes_first",
        "test_planning.py::test_a_plan_loses_nothing_closes_its_drift_and_keeps_the_order",
        "test_applying.py::test_a_refused_step_ends_the_run_and_what_was_done_can_be_taken_back",
    ),
    "another replicator is at work": (
        "test_planning.py::test_what_is_somebody_elses_is_withheld_with_the_way_that_works",
        "test_planning.py::test_what_a_directory_or_the_mirror_keeps_is_left_to_it",
        "test_surveying.py::TestTheAgent::test_where_it_is_or_might_be_nothing_is_written_unless_that_is_allowed_by_name",
    ),
    "what starts to work on the member at once": (
        "test_planning.py::test_a_new_task_waits_for_a_person_unless_it_runs_on_the_primary_only",
        "test_planning.py::test_what_acts_at_once_says_so",
    ),
    "load on the backup": (
        "test_applying.py::TestRefusals::test_load_on_the_backup_it_is_no_longer_active",
        "test_applying.py::TestRefusals::test_load_on_the_backup_it_falls_behind_between_two_writes",
        "test_applying.py::TestMappings::test_one_activation_for_each_namespace_and_few_round_trips",
        "test_sync_apply.py::test_a_member_that_a_plan_is_not_about_is_asked_who_it_is_and_not_read",
    ),
    "auditing is suppressed": (
        "test_planning.py::test_auditing_is_never_switched_off",
        "test_applying.py::test_an_audit_event_is_written_where_the_site_has_defined_one",
    ),
    "a delayed bomb: what shows only at the next start": (
        "test_planning.py::test_settings_of_the_start_are_rendered_and_applied_only_where_that_is_allowed",
        "test_planning.py::test_memory_is_applied_only_where_the_host_is_known_to_have_room",
        "test_applying.py::test_a_dated_copy_of_the_cpf_lies_beside_it_before_the_first_write_to_the_configuration",
        "test_applying.py::TestRefusals::test_the_cpf_cannot_be_copied",
    ),
    "doors opened or closed for applications": (
        "test_planning.py::test_what_grants_comes_before_what_takes_away",
        "test_planning.py::test_the_tools_own_account_is_protected_and_what_others_lose_is_told",
        "test_planning.py::test_what_is_somebody_elses_is_withheld_with_the_way_that_works",
        "test_applying.py::TestDoors::test_nothing_is_taken_away_before_a_new_login_has_worked",
    ),
    "the wrong truth is spread": (
        "test_planning.py::test_without_a_baseline_only_what_is_missing_is_planned",
        "test_planning.py::test_the_primary_is_written_to_only_when_that_is_said",
        "test_applying.py::TestRefusals::test_the_primary_became_that_only_lately",
        "test_applying.py::TestRefusals::test_the_cpf_awaits_activation",
        "test_applying.py::TestRefusals::test_another_run_holds_the_lock_of_the_member",
        "test_applying.py::TestRefusals::test_another_process_of_this_user_is_writing",
        "test_surveying.py::test_an_edit_of_the_cpf_that_awaits_activation_stops_plans_of_security_too",
        "test_sync_apply.py::test_without_the_log_of_the_primary_nobody_knows_since_when_it_is_one",
    ),
    "a crash half-way": (
        "test_applying_killed.py::test_killed_in_every_seventh_step",
        "test_settling.py::test_killed_between_two_lines_of_the_journal",
        "test_breaking.py::test_in_the_middle_of_a_run",
        "test_sync_apply.py::test_a_run_that_was_cut_off_is_finished_by_its_own_plan",
    ),
}


@cache
def written_in(name: str) -> frozenset[str]:
    """Return the tests of a file as pytest names them."""
    body = ast.parse((TESTS / name).read_text(encoding="utf-8")).body
    inside = {f"{one.name}::{each.name}" for one in body if isinstance(one, ast.ClassDef) for each in one.body if isinstance(each, ast.FunctionDef)}  # fmt: skip
    return frozenset(inside | {each.name for each in body if isinstance(each, ast.FunctionDef)})


@pytest.mark.parametrize("risk", RISKS)
def test_each_risk_has_tests_and_all_of_them_exist(risk: str) -> None:
    assert RISKS[risk]
    for one in RISKS[risk]:
        name, _, test = one.partition("::")
        assert test.rpartition("::")[2].startswith("test_")
        assert test in written_in(name), one
