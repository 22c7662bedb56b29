// SPDX-License-Identifier: GPL-2.0
/*
 * The shape of Tree RCU's tree.
 */

#ifdef CONFIG_TREE_RCU
#include <linux/rcu_node_tree.h>

__rculab_helper unsigned int rculab_rcu_fanout(void)
{
	return RCU_FANOUT;
}

__rculab_helper unsigned int rculab_rcu_fanout_leaf(void)
{
	return RCU_FANOUT_LEAF;
}

__rculab_helper unsigned int rculab_rcu_num_lvls(void)
{
	return RCU_NUM_LVLS;
}

__rculab_helper unsigned int rculab_num_rcu_nodes(void)
{
	return NUM_RCU_NODES;
}
#endif
