"""This module holds the table of the words in which IRIS displays a mirror's state, and the code of each.

Where IRIS has a code of its own (`%SYSTEM.Mirror.GetStatus`) it is that one. The English words stand in the class
reference (`SYS.Mirror`, `%SYSTEM.Mirror`) and in the High Availability Guide (Mirror Member Journal Transfer and
Dejournaling Status, Using the Mirror Monitor). Of the Chinese ones those marked as documented were seen on portals or in
InterSystems' Chinese texts; the rest, and all Japanese ones, are assumed renderings. An assumption can only be wrong in
that it never occurs: no text may mean two codes of one subject (a test looks).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

ROLE, TYPE, STATUS, STATE, LAG, BEHIND, ARBITER, MODE, LABEL = (
    "role", "type", "status", "state", "lag", "behind", "arbiter", "mode", "label",
)  # fmt: skip
"""What a word may be about; one text may mean different things of different subjects."""

DISCONNECTED, CAUGHT_UP, ACTIVE, NOT_APPLICABLE = "DISCONNECTED", "CAUGHT_UP", "ACTIVE", "NOT_APPLICABLE"
NEEDS_ATTENTION, STOPPED = "NEEDS_ATTENTION", "STOPPED"
BOTH, ONE, NONE, UNCONFIGURED = "BOTH", "ONE", "NONE", "UNCONFIGURED"
ARBITER_CONTROLLED, AGENT_CONTROLLED = "ARBITER_CONTROLLED", "AGENT_CONTROLLED"


@dataclass(frozen=True)
class Word:
    """One text and what it means."""

    subject: str
    code: str
    text: str
    language: str
    documented: bool


def _words(
    subject: str, code: str, english: str, chinese: str = "", assumed: str = "", japanese: str = ""
) -> Iterator[Word]:
    """Yield a row's words, each text divided by `|`: English and Chinese as documented, the rest as assumed."""
    for texts, language, documented in (
        (english, "en", True),
        (chinese, "zh", True),
        (assumed, "zh", False),
        (japanese, "ja", False),
    ):
        for text in texts.split("|") if texts else ():
            yield Word(subject, code, text, language, documented)


_ROWS = (
    # CurrentRole
    (ROLE, "PRIMARY", "Primary", "主机|主成员|主服务器", "主|主要|主镜像成员", "プライマリ|プライマリ・メンバ"),
    (ROLE, "BACKUP", "Backup", "备机|备份成员", "备份|备用|备|备份镜像成员", "バックアップ|バックアップ・メンバ"),
    (ROLE, "ASYNC", "Async", "异步成员", "异步", "非同期|非同期メンバ"),
    # DisplayType, GetMemberType
    (TYPE, "FAILOVER", "Failover", "故障转移成员", "故障转移|自动切换", "フェイルオーバー|フェイルオーバ|フェイルオーバー・メンバ"),
    (TYPE, "DISASTER_RECOVERY", "Disaster Recovery|DR|DR Async", "灾难恢复|灾备异步成员", "灾备|灾备异步|灾难恢复异步", "災害復旧|災害復旧非同期|ディザスタリカバリ"),
    (TYPE, "READ_ONLY_REPORTING", "Read-Only Reporting", "", "只读报告|只读报告异步|报告(只读)|只读报表", "読み取り専用レポート|読取専用レポーティング|読み取り専用レポーティング"),
    (TYPE, "READ_WRITE_REPORTING", "Read-Write Reporting", "", "读写报告|读写报告异步|报告(读写)|读写报表", "読み書きレポート|読み取り/書き込みレポート|読み書き可能レポーティング"),
    (TYPE, "ASYNC", "Async", "异步成员", "异步", "非同期|非同期メンバ"),
    (TYPE, "INDETERMINATE", "Indeterminate", "", "不确定|未定", "不定|未確定"),
    (TYPE, "NOT_MEMBER", "Not Member", "", "不是成员|非成员", "メンバではない|非メンバ"),
    # DisplayStatus, GetMemberStatus, GetStatus
    (STATUS, "PRIMARY", "Primary", "主机|主成员|主服务器", "主|主要|主镜像成员", "プライマリ"),
    (STATUS, "BACKUP", "Backup", "备机|备份成员", "备份|备用|备|备份镜像成员", "バックアップ"),
    (STATUS, "TROUBLE", "In Trouble|Trouble", "故障", "处于故障|遇到问题|故障状态", "問題発生|トラブル|障害|問題あり"),
    (STATUS, "CONNECTED", "Connected", "", "已连接|连接", "接続|接続済み|接続済"),
    (STATUS, "TRANSITION", "Transition", "", "过渡|转换|转换中|过渡状态", "遷移|遷移中|移行|移行中"),
    (STATUS, "SYNCHRONIZING", "Synchronizing", "", "同步|正在同步|同步中", "同期中|同期"),
    (STATUS, "WAITING", "Waiting", "", "等待|正在等待|等待中", "待機|待機中"),
    (STATUS, "STOPPED", "Stopped", "", "停止|已停止", "停止|停止済み|停止中"),
    (STATUS, "CRASHED", "Crashed", "", "崩溃|已崩溃", "クラッシュ|クラッシュ済み"),
    (STATUS, "ERROR", "Error", "", "错误|出错", "エラー"),
    (STATUS, "DOWN", "Down", "", "关闭|宕机|停机|已关闭", "ダウン|停止状態"),
    (STATUS, "NOTINIT", "Not Initialized|NotInit", "", "未初始化", "未初期化|初期化されていません"),
    # CurrentStatus
    (STATE, "ACTIVE", "Active", "活动", "激活|活跃", "アクティブ"),
    (STATE, "RESTART", "Restart", "", "重启|重新启动", "再起動|リスタート"),
    (STATE, "TROUBLE", "Trouble|In Trouble", "故障", "处于故障|遇到问题", "問題発生|トラブル|障害|問題あり"),
    (STATE, "FAILOVER", "Failover", "故障转移|自动切换", "", "フェイルオーバー|フェイルオーバ"),
    (STATE, "RECOVERY", "Recovery", "", "恢复|正在恢复", "リカバリ|復旧"),
    (STATE, "DECIDING", "Deciding", "", "决定中|正在决定|决定", "決定中"),
    (STATE, "EXIT", "Exit", "", "退出", "終了"),
    (STATE, "CATCHUP", "Catchup", "", "追赶|正在追赶|捕获", "キャッチアップ中|追いつき中"),
    (STATE, "ASYNC", "Async", "异步成员", "异步", "非同期"),
    (STATE, "INACTIVE", "Inactive", "", "非活动|不活动|未激活", "非アクティブ"),
    (STATE, "DOWN", "Down", "", "关闭|宕机|停机|已关闭", "ダウン"),
    # Journal Transfer and Dejournaling
    (LAG, ACTIVE, "Active", "活动", "激活|活跃", "アクティブ"),
    (LAG, CAUGHT_UP, "Caught up", "被捕获|已同步", "已捕获|已赶上|已追上", "キャッチアップ|キャッチアップ済み|最新|追いつきました"),
    (LAG, DISCONNECTED, "Disconnected", "断开", "断开连接|已断开|已断开连接|连接断开", "切断|切断済み|切断されました"),
    (LAG, NOT_APPLICABLE, "N/A", "", "不适用|无", "該当なし|適用外"),
    (LAG, NEEDS_ATTENTION, "Some databases need attention", "", "某些数据库需要注意|一些数据库需要注意|部分数据库需要注意", "注意が必要なデータベースがあります|一部のデータベースに注意が必要です"),
    (LAG, STOPPED, "Dejournaling is stopped|Dejournaling stopped", "", "重演日志已停止|已停止重演日志|dejournaling 已停止", "デジャーナルが停止しています|デジャーナリングは停止しています|デジャーナル処理が停止しています"),
    (BEHIND, "BEHIND", "behind", "落后", "滞后|延迟", "遅れ|遅延|遅れています"),
    # The arbiter's connection and the failover mode
    (ARBITER, BOTH, "Both failover members are connected|Both failover members are connected to the arbiter", "", "两个故障转移成员均已连接到仲裁程序|两个故障转移成员都已连接到仲裁程序|两个故障转移成员都已连接|两个故障转移成员均已连接|两个故障转移成员都已连接到仲裁机|两个故障转移成员均已连接到仲裁机", "両方のフェイルオーバー・メンバがアービターに接続されています|両方のフェイルオーバー・メンバが接続されています|両方のフェイルオーバーメンバーがアービターに接続されています"),
    (ARBITER, ONE, "Only this member is connected|Only this member is connected to the arbiter", "", "只有此成员已连接到仲裁程序|仅此成员已连接到仲裁程序|仅此成员已连接|只有此成员已连接|仅此成员已连接到仲裁机|只有此成员已连接到仲裁机", "このメンバのみがアービターに接続されています|このメンバのみが接続されています"),
    (ARBITER, NONE, "This member is not connected|This member is not connected to the arbiter", "", "此成员未连接到仲裁程序|该成员未连接到仲裁程序|此成员未连接|此成员未连接到仲裁机|该成员未连接到仲裁机", "このメンバはアービターに接続されていません|このメンバは接続されていません"),
    (ARBITER, UNCONFIGURED, "No arbiter is configured|Arbiter is not configured|Arbiter not configured", "", "未配置仲裁程序|未配置仲裁机|没有配置仲裁机", "アービターが構成されていません|アービターは構成されていません"),
    (MODE, ARBITER_CONTROLLED, "Arbiter Controlled", "仲裁程序受控制", "仲裁机控制|仲裁者控制|仲裁程序控制|由仲裁程序控制", "アービター制御|アービター・コントロール"),
    (MODE, AGENT_CONTROLLED, "Agent Controlled", "代理受控制", "代理控制|由代理控制|ISCAgent 控制", "エージェント制御|エージェント・コントロール"),
    # Labels of the ^MIRROR status monitor
    (LABEL, "arbiter-address", "Arbiter Address", "", "仲裁程序地址|仲裁机地址", "アービター・アドレス|アービターアドレス"),
    (LABEL, "failover-mode", "Failover Mode", "故障转移模式", "", "フェイルオーバー・モード|フェイルオーバーモード"),
    (LABEL, "connection-status", "Connection Status", "", "连接状态", "接続ステータス|接続状態"),
    (LABEL, "dejournal-status", "Dejournal Status", "", "dejournal 状态|重演日志状态", "デジャーナル・ステータス|デジャーナルステータス"),
)  # fmt: skip

WORDS: tuple[Word, ...] = tuple(word for row in _ROWS for word in _words(*row))


def plain(text: str) -> str:
    """Give a text as the table is looked up by: one width, no case, single blanks, no closing stop, no `Warning!`."""
    known = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return re.sub(r"^(?:warning|警告)\s*[!:]\s*", "", known).strip(" .。!")


@cache
def table_of(subject: str) -> Mapping[str, str]:
    """Return plain text → code of one subject."""
    return {plain(word.text): word.code for word in WORDS if word.subject == subject}
